"""Environment files as people may write them: the same settings in many forms."""

import subprocess
import sys
from dataclasses import dataclass

from hypothesis import strategies as st

from environments.schema.settings import Image
from modules.model.project import ROOT

_TAGS = st.from_regex(r"(staging|prod)-[0-9a-f]{7}", fullmatch=True)
# One per application: the images differ.
_DIGESTS = {
    field: st.from_regex(rf"sha256:{first}[0-9a-f]{{63}}", fullmatch=True)
    for first, field in enumerate(("web", "core_api"))
}
_COMMENTS = st.sampled_from(
    ["", "# One comment.", '# tag="staging-0000000", digest=None, Image(', "# ü, a line of its own"]
)
# A build of both applications: one tag, two digests.
BUILDS = st.builds(
    lambda tag, **digests: {field: Image(tag=tag, digest=digest) for field, digest in digests.items()},
    _TAGS,
    **_DIGESTS,
)

_ENVIRONMENT = """\
{imports}
{constants}
ENVIRONMENT = {environment}Environment(
    {workloads}
    {comment}
    name="test",
    stage="test",
    branch="develop",
    # The tag of nothing: tag="{unrelated}".
    capabilities=("ses",),
    parameters={{"ses_from_email": "{unrelated}@mosaiclife.me"}},
    session={environment}Session(cookie_name="mosaic_test_session"),
    backups={environment}Backups(expire_after=30),
    quota={environment}Quota(cpu_requests="2",memory_requests="4Gi",ephemeral_storage_requests="4Gi",cpu_limits="8",memory_limits="8Gi",ephemeral_storage_limits="12Gi",pods=20),
)
"""


@dataclass(frozen=True)
class EnvironmentFile:
    """A file's text and the images in it."""

    text: str
    images: dict[str, Image]


@st.composite
def environment_files(draw: st.DrawFn) -> EnvironmentFile:
    """A formatted file of an environment called test; its images have a tag, a digest or both, literal or not."""
    prefix = draw(st.sampled_from(["", "settings."]))
    constants: list[str] = []
    shared = draw(st.none() | _TAGS)
    images, workloads = {}, []
    for field, host, order in (("web", "test", 210), ("core_api", "test-api", 220)):
        image = Image(tag=shared or draw(_TAGS), digest=draw(st.none() | _DIGESTS[field]))
        images[field] = image
        tag = "_TAG" if shared else _value(draw, constants, field, "tag", image.tag)
        arguments = [f"tag={tag}"]
        if image.digest or draw(st.booleans()):
            arguments.append(f"digest={_value(draw, constants, field, 'digest', image.digest)}")
        spread = draw(st.booleans())
        comment = draw(_COMMENTS)
        call = _call(f"{prefix}Image", draw(st.permutations(arguments)), comment, spread=spread)
        parts = [f"image={call}", f'hosts=("{host}.mosaiclife.me",)', "replicas=1", f"ingress_order={order}"]
        spread = spread or draw(st.booleans())
        workload = _call(f"{prefix}Workload", draw(st.permutations(parts)), draw(_COMMENTS), spread=spread)
        if draw(st.booleans()):
            constants.append(f"_{field.upper()} = {workload}")
            workload = f"_{field.upper()}"
        workloads.append(f"{field}={workload},")
    if shared:
        constants.insert(0, draw(st.sampled_from([f'_TAG = "{shared}"', f'_TAG: str = "{shared}"  # Both.'])))
    text = _ENVIRONMENT.format(
        imports="from environments.schema import settings"
        if prefix
        else "from environments.schema.settings import Backups, Environment, Image, Quota, Session, Workload",
        constants="\n".join(constants),
        environment=prefix,
        workloads="\n    ".join(draw(st.permutations(workloads))),
        comment=draw(_COMMENTS),
        unrelated=draw(_TAGS),
    )
    return EnvironmentFile(text=formatted(text), images=images)


def formatted(text: str) -> str:
    """Return the text formatted by ruff."""
    command = (sys.executable, "-m", "ruff", "format", "--config", str(ROOT / "pyproject.toml"), "-")
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def _value(draw: st.DrawFn, constants: list[str], field: str, key: str, value: str | None) -> str:
    literal = "None" if value is None else f'"{value}"'
    if value is None or draw(st.booleans()):
        return literal
    name = f"_{field.upper()}_{key.upper()}"
    constants.append(f"{name} = {literal}")
    return name


def _call(function: str, arguments: list[str], comment: str, *, spread: bool) -> str:
    if not spread:
        return f"{function}({', '.join(arguments)})"
    first, *others = arguments
    lines = "".join(f"{argument},\n" for argument in others)
    return f"{function}(\n{first},  {comment}\n{lines})"
