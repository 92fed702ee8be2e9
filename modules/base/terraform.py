"""A thin layer over CDKTF for what its last release, 0.21, cannot express, and for readable addresses.

Terraform 1.11 brought what this project relies on: ephemeral resources, write-only arguments and S3's native lock file.
CDKTF was archived before it supported them (https://github.com/hashicorp/terraform-cdk), so they are written as
overrides.
"""

from collections.abc import Mapping, Sequence

from cdktf import TerraformElement, TerraformResource, TerraformResourceLifecycle, TerraformStack
from constructs import Construct, Node

from modules.model.providers import PROVIDERS

REQUIRED_TERRAFORM = ">= 1.11.0, < 2.0.0"
# A prebuilt provider requires exactly the release that it was generated from, which may be newer than the tested one.
_PROVIDERS = {provider.name: provider for provider in PROVIDERS}


def address(path: str) -> str:
    """The Terraform name of the element with this path: the part below the stack, without CDKTF's hash.

    The last component "resource" stands for its parent's main resource and is left out, so that the bucket of ``media``
    is ``aws_s3_bucket.media``.
    """
    _stack, *parts = path.replace("-", "_").split("/")
    return "_".join(parts[:-1] if parts[-1] == "resource" and len(parts) > 1 else parts)


class ReadableStack(TerraformStack):
    """A stack whose addresses are the constructs' paths and whose version constraints are ours.

    Raises ValueError if two elements of one kind would get the same address: Terraform would keep only the last.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self._addresses: dict[tuple[str, str], str] = {}
        self.imports: list[dict[str, str]] = []
        self.forgotten: list[str] = []
        self.add_override("terraform.required_version", REQUIRED_TERRAFORM)

    def _allocate_logical_id(self, tf_element: Node | TerraformElement) -> str:
        assert isinstance(tf_element, TerraformElement)  # noqa: S101 a Node is passed only by cdktf's own tests
        path = tf_element.node.path  # once: each dot is a request to the jsii kernel
        name = address(path)
        key = (type(tf_element).__name__, name)
        if self._addresses.setdefault(key, path) != path:
            raise ValueError(f"{path} and {self._addresses[key]} would both be {key[0]} {name!r}; give one another id")
        return name

    def prepare_stack(self) -> None:
        """Skip the search for references to other stacks, for which CDKTF resolves every element once more.

        CDKTF would resolve such a reference by reading the other stack's state, and environments read nothing of each
        other: the tests do search, and find none.
        """

    def require(self, *providers: str) -> None:
        """Write these providers' host and our version, instead of the one that the package was generated from."""
        for name in providers:
            provider = _PROVIDERS[name]
            self.add_override(f"terraform.required_providers.{name}.source", provider.address)
            self.add_override(f"terraform.required_providers.{name}.version", provider.constraint)


class Ephemeral(Construct):
    """An ephemeral resource: opened in every plan and apply, never in a plan file or state.

    kind: its Terraform type. arguments: as in the provider's documentation. depends_on: Terraform addresses of what
    must exist before it is opened. Output: address.
    Source: https://developer.hashicorp.com/terraform/language/block/ephemeral
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        kind: str,
        arguments: Mapping[str, object],
        depends_on: tuple[str, ...] = (),
    ) -> None:
        super().__init__(scope, id_)
        stack = TerraformStack.of(self)
        self.address = f"ephemeral.{kind}.{address(self.node.path)}"
        stack.add_override(self.address, {**arguments, **({"depends_on": list(depends_on)} if depends_on else {})})

    def attribute(self, name: str) -> str:
        """A bare reference to one of its attributes, for use inside an expression."""
        return f"{self.address}.{name}"


def depend_on(dependent: Construct, *dependencies: Construct) -> None:
    """Make every resource of ``dependent`` depend on every resource of ``dependencies``.

    CDKTF writes nothing for a construct's own ``node.add_dependency``.
    """
    addresses = [
        f"{resource.terraform_resource_type}.{resource.friendly_unique_id}"
        for construct in dependencies
        for resource in _resources(construct)
    ]
    for resource in _resources(dependent):
        resource.depends_on = [*(resource.depends_on or []), *addresses]


def _resources(construct: Construct) -> list[TerraformResource]:
    return [element for element in construct.node.find_all() if isinstance(element, TerraformResource)]


def import_existing(resource: TerraformResource, identifier: str) -> None:
    """Make the next apply import what exists under this identifier (the provider's documentation has its form).

    CDKTF's own import_from does the same, but runs `terraform version` for each resource of each synth.
    """
    stack = TerraformStack.of(resource)
    assert isinstance(stack, ReadableStack)  # noqa: S101 every stack of this project is one
    stack.imports.append({"id": identifier, "to": f"{resource.terraform_resource_type}.{resource.friendly_unique_id}"})
    stack.add_override("import", stack.imports)


def prevent_destroy(protected: bool) -> TerraformResourceLifecycle:  # noqa: FBT001 the only argument, named by the function
    """The lifecycle of a data-bearing resource: Terraform refuses any plan that would destroy a protected one."""
    return TerraformResourceLifecycle(prevent_destroy=protected or None)


def forget(scope: Construct, addresses: Sequence[str]) -> None:
    """Make the next apply drop these addresses from the state without destroying anything; unknown ones are harmless.

    scope: anything in the stack. Source: https://developer.hashicorp.com/terraform/language/block/removed
    """
    stack = TerraformStack.of(scope)
    assert isinstance(stack, ReadableStack)  # noqa: S101 every stack of this project is one
    stack.forgotten.extend(addresses)
    stack.add_override("removed", [{"from": each, "lifecycle": {"destroy": False}} for each in stack.forgotten])
