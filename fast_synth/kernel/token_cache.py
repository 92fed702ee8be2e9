"""The tokens for attributes of resources, which Python can compute once it has seen one of a kind."""

import re

from jsii._kernel.types import GetRequest, GetResponse, InvokeRequest, InvokeResponse, KernelRequest, KernelResponse

from fast_synth.kernel.construct_cache import ConstructCache

# In the format of `named_tokens.js`.
_TOKEN = re.compile(
    r"""\$\{TfToken\[
        (?P<stack>[\w.-]+):
        (?P<before>(data\.)?\w+\.)(?P<name>[\w-]+)(?P<after>\.\w+)
    \]\}""",
    re.ASCII | re.VERBOSE,
)


class TokenCache:
    """The values of `bucket.arn` and the like: a text that stands for the attribute until the stack is written.

    The kernel names it after the stack's path and the attribute's Terraform address. So the answer for one resource
    shows what the same property returns for all others of its kind.

    Args:
        constructs: know each resource's stack and name.

    """

    def __init__(self, constructs: ConstructCache) -> None:
        self._constructs = constructs
        # By kind of resource and property: the parts of the address before and after the name.
        self._addresses: dict[tuple[tuple[str, str], str], tuple[str, str]] = {}

    def text(self, request: GetRequest | InvokeRequest) -> str | None:
        """Return the token that will answer this request; None if unknown."""
        element = self._constructs.named(request.objref.ref)
        around = self._addresses.get((element.kind, _wanted(request))) if element else None
        if element is None or around is None:
            return None
        before, after = around
        text = f"${{TfToken[{element.stack}:{before}{element.name}{after}]}}"
        return text if _TOKEN.fullmatch(text) else None

    def learn(self, request: KernelRequest, response: KernelResponse) -> None:
        """Learn from an answer of the kernel."""
        match response:
            case GetResponse(value=str(text)) | InvokeResponse(result=str(text)):
                token = _TOKEN.fullmatch(text)
            case _:
                return
        if token and isinstance(request, GetRequest | InvokeRequest):
            element = self._constructs.named(request.objref.ref)
            if element and (token["stack"], token["name"]) == (element.stack, element.name):
                self._addresses[element.kind, _wanted(request)] = token["before"], token["after"]


def _wanted(request: GetRequest | InvokeRequest) -> str:
    return request.property if isinstance(request, GetRequest) else f"{request.method}{request.args}"
