"""The README's quick facts, each read from its source."""

import json
import re
import tomllib
from pathlib import Path

from environments.schema.catalogue import Catalogue
from modules.model.names import Names
from modules.model.providers import PROVIDERS
from tools.pictures.cast import Cast

# https://aws.amazon.com/secrets-manager/pricing/, read on 2026-11-30, in us-east-1.
_DOLLARS_PER_SECRET = 0.40
_TOOL = re.compile(r"^check (\S+) ([\d.]+) ", re.M)


def facts(root: Path, settings: Catalogue, cast: Cast) -> str:
    """Return the facts as a Markdown table. root: of the checkout. cast: the recording of `make local`."""
    names = Names.of(settings.find("staging"), settings.shared)
    secrets = {*names.secret_paths, names.deploy_login, names.plan_login}
    tools = ", ".join(f"{name} {version}" for name, version in _tools(root) if name not in {"npm", "make"})
    providers = ", ".join(f"{provider.source} {provider.constraint}" for provider in PROVIDERS)
    rows = {
        "Time": f"`make local` took {cast.seconds / 60:.1f} minutes in the recording above ({cast.machine}); a first "
        "run also installs packages and builds servers, which adds five to ten",
        "Cost": "Nothing to try it: no AWS account is needed. In the account, an environment adds "
        f"{len(secrets)} secrets (${len(secrets) * _DOLLARS_PER_SECRET:.2f} a month at "
        "[list price](https://aws.amazon.com/secrets-manager/pricing/)), its pods and what its buckets hold; cluster, "
        "database server and load balancer are shared",
        "Versions": f"{tools}; cdktf {_cdktf(root)}; {providers}",
        "CDKTF": f"Archived by HashiCorp in December 2025; {_cdktf(root)} is the last release and is pinned. "
        "[Why we use it](docs/decisions/2026-11-24-cdktf-after-its-end.md), and [how to leave](#how-do-we-leave-cdktf)",
        "License": f"[{json.loads((root / 'package.json').read_text(encoding='utf-8'))['license']}](LICENSE)",
    }
    return "\n".join(["| quick facts | |", "|:--|:--|", *(f"| **{what}** | {fact} |" for what, fact in rows.items())])


def _tools(root: Path) -> list[tuple[str, str]]:
    return _TOOL.findall((root / "tools" / "check-tools").read_text(encoding="utf-8"))


def _cdktf(root: Path) -> str:
    packages = tomllib.loads((root / "Pipfile").read_text(encoding="utf-8"))["packages"]
    return str(packages["cdktf"]).removeprefix("==")
