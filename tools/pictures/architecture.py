"""The overview picture: one account, two environments in it, and who owns what. Drawn from the settings."""

from collections.abc import Iterator

from environments.schema.catalogue import Catalogue
from environments.schema.settings import Environment, Shared, preview_name
from modules.model.names import Names, admission_namespace
from tools.pictures.svg import SANS, Box, arrow, document, text
from tools.pictures.theme import Theme

_WIDTH, _HEIGHT = 880, 814
_LINE = 21
_GITHUB = Box(x=1, y=1, width=878, height=104)
_ACCOUNT = Box(x=1, y=150, width=878, height=663)
_ENVIRONMENTS = {
    "staging": Box(x=17, y=186, width=416, height=236),
    "prod": Box(x=447, y=186, width=416, height=236),
}
_PREVIEWS = Box(x=17, y=440, width=846, height=106)
_BOOTSTRAP = Box(x=17, y=564, width=846, height=106)
_SHARED = Box(x=17, y=688, width=846, height=106)


def architecture(settings: Catalogue, theme: Theme) -> str:
    """The picture, as SVG, for a page with this theme. settings: of the account, with staging and prod in it."""
    shared = settings.shared
    return document(
        _WIDTH,
        _HEIGHT,
        title="One AWS account, two isolated environments, and who owns what",
        description=(
            "GitHub plans each pull request with a role that only reads, and deploys staging and production with one "
            "role each. In the account, each environment owns its namespace, applications, database, buckets, secrets "
            "and roles; previews of pull requests are environments that come and go. The bootstrap stack owns state "
            "buckets, delivery roles, database logins, admission policies. The cluster, the database server, the load "
            "balancer and the certificate are shared and only read."
        ),
        style=_style(theme),
        content=[
            *_github(settings),
            _ACCOUNT.draw("account"),
            text(_ACCOUNT.x + 16, _ACCOUNT.y + 25, f"AWS account {shared.account}, {shared.region}", "title"),
            *(line for name, box in _ENVIRONMENTS.items() for line in _environment(settings.find(name), shared, box)),
            *_previews(shared),
            *_bootstrap(shared),
            *_shared(shared),
        ],
    )


def _github(settings: Catalogue) -> Iterator[str]:
    staging, prod = (settings.find(name).branch for name in _ENVIRONMENTS)
    lines = (
        "A pull request gets a plan comment by a role that only reads. Its own code never runs with credentials.",
        f"Merging to {staging} deploys staging, to {prod} production after approval: only the reviewed plan.",
        "No AWS key is stored: a workflow proves its identity (OpenID Connect) and gets one environment's role.",
    )
    yield _GITHUB.draw("shared")
    yield text(_GITHUB.x + 16, _GITHUB.y + 25, f"GitHub: {settings.shared.repository}", "title")
    for number, line in enumerate(lines, start=1):
        yield text(_GITHUB.x + 16, _GITHUB.y + 27 + number * _LINE, line, "soft")


def _environment(environment: Environment, shared: Shared, box: Box) -> Iterator[str]:
    names = Names.of(environment, shared)
    rows = (
        ("namespace", names.namespace),
        ("applications", "web, core-api and its database migration"),
        ("hosts", f"{environment.web.hosts[0]}, {environment.core_api.hosts[0]}"),
        ("database", f"{names.database}, owned by its own role"),
        ("buckets", "media, backups"),
        ("secrets", "database login, session key, API token"),
        ("IAM roles", "core-api's and the secret store's"),
        ("limits", "quota, network policies, pod security"),
    )
    right = box.x + box.width - 24
    yield arrow(right, _GITHUB.y + _GITHUB.height + 1, box.y, "arrow")
    yield text(right - 12, _GITHUB.y + _GITHUB.height + 28, f"role {names.deploy_role}", "soft end")
    yield box.draw("environment")
    protected = ", protected" if environment.protected else ""
    yield text(box.x + 14, box.y + 26, f"{environment.name}{protected}", "title")
    yield text(box.x + 14, box.y + 46, f"owned by the stack of environments/{environment.name}.py", "soft")
    for number, (what, value) in enumerate(rows):
        y = box.y + 73 + number * _LINE
        yield text(box.x + 14, y, what, "soft")
        yield text(box.x + 110, y, value, "strong")


def _previews(shared: Shared) -> Iterator[str]:
    if shared.previews is None:
        return
    previews = shared.previews
    yield _PREVIEWS.draw("environment")
    yield from _band(
        _PREVIEWS,
        f"previews: {preview_name(1)} to {preview_name(previews.slots)}",
        "owned by the stacks of environments/preview.py, as isolated as the environments above",
        (
            "A labelled pull request of the application gets one: its own hosts, database, buckets, secrets and roles",
            f"It sleeps after {previews.asleep_after_hours} hours, and everything in it is deleted at its end",
        ),
    )


def _bootstrap(shared: Shared) -> Iterator[str]:
    yield _BOOTSTRAP.draw("bootstrap")
    yield from _band(
        _BOOTSTRAP,
        "bootstrap: what an environment cannot change about itself",
        "owned by the stack bootstrap; an administrator deploys it once (make bootstrap)",
        (
            "For each environment: state bucket, plan role, deploy role, permissions boundary, two database logins",
            f"For all: GitHub's identity, admission policies (parameters in {admission_namespace(shared)})",
        ),
    )


def _shared(shared: Shared) -> Iterator[str]:
    yield _SHARED.draw("shared")
    yield from _band(
        _SHARED,
        "shared infrastructure: looked up, never changed",
        "owned by the infrastructure's repository",
        (
            f"EKS cluster {shared.cluster}, database server {shared.database_server.name}, image registry (ECR)",
            f"load balancer {shared.load_balancer_group}, certificate of {shared.domain}, VPC {shared.vpc_cidr}",
        ),
    )


def _band(box: Box, title: str, owner: str, lines: tuple[str, str]) -> Iterator[str]:
    yield text(box.x + 14, box.y + 25, title, "title")
    yield text(box.x + 14, box.y + 46, owner, "soft")
    for number, line in enumerate(lines, start=1):
        yield text(box.x + 14, box.y + 49 + number * _LINE, line, "strong")


def _style(theme: Theme) -> str:
    owners = {"shared": theme.shared, "bootstrap": theme.bootstrap, "environment": theme.environment}
    return "".join(
        (
            f"text{{font:14px {SANS};fill:{theme.strong}}}",
            ".title{font-weight:600;font-size:16px}",
            f".soft{{fill:{theme.soft}}}",
            ".end{text-anchor:end}",
            f".account{{fill:none;stroke:{theme.line};stroke-width:1.5;stroke-dasharray:6 5}}",
            f".arrow{{fill:none;stroke:{theme.line};stroke-width:2}}",
            *(f".{owner}{{stroke:{line};fill:{fill};stroke-width:1.5}}" for owner, (line, fill) in owners.items()),
        )
    )
