"""A bad command line changes nothing, and its message says what was given, what is allowed and where."""

import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery import command_line as delivery
from delivery.command_line import NAMES
from local import __main__ as local
from modules.model.project import ROOT
from modules.model.selected_settings import settings_of
from tests.account import SETTINGS
from tests.delivery.command_line import run_command_in
from tests.live.project import Project
from tools import lock_file

pytestmark = pytest.mark.promise("Bad input")


def _delivery(name: str, arguments: list[str]) -> int:
    return delivery.main([name, *arguments])


# Every delivery command, so that a new one is tested without being listed here, and the repository's own programs.
COMMANDS: dict[str, Callable[[list[str]], int]] = {
    **{name: partial(_delivery, name) for name in NAMES},
    "python -m delivery": delivery.main,
    "python -m local": local.main,
    "python -m tools.lock_file": lock_file.main,
}
# These need no cloud, no checkout of another repository and no GitHub: a correct command line succeeds.
NEED_NOTHING = {"environments", "gitops", "preview-settings"}
# Words that get a command past its parser.
MEANT = (
    *(
        "plan",
        "deploy",
        "destroy",
        "staging",
        "prod",
        "bootstrap",
        "--auto-approve",
        "--wait",
        "--lock-id",
        "--branch",
        "--set",
    ),
    *("--stack", "--commit", "--out", "--check", "--chart", "--plans", "--pull-request-text", "i-0123456789", "."),
)
# Keeps paths inside the test's folder.
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), max_size=20)
# A command that is given no account uses the settings as they are.
_KNOWN = ", ".join(settings_of("built").names())
# Some commands reject previews: a preview is not promoted, rehearsed or compared every night.
_LASTING = ", ".join(settings.name for settings in settings_of("built").lasting())
_NAMES, _LASTING_NAMES = (f"allowed: {names} (one file each in environments/)" for names in (_KNOWN, _LASTING))
_STACKS = "allowed: one stack, or deploy bootstrap ENVIRONMENT"
_COMMIT = "0" * 40
# Nothing listens on this loopback address.
NOWHERE = {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
KEYS = {"AWS_ACCESS_KEY_ID": "A" * 20, "AWS_SECRET_ACCESS_KEY": "s" * 40}
# A command line in the folder of the fixture ``folder``, and its message: what was given, what is allowed.
BAD_LINES: Mapping[str, tuple[str, str]] = {
    "doctor nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "doctor bootstrap": ("'bootstrap' is not an environment", f"allowed here: {_KNOWN}"),
    "doctor staging --fast": ("unrecognized arguments: --fast", "usage: python -m delivery doctor"),
    "images nowhere": ("environment 'nowhere' is unknown", _LASTING_NAMES),
    "images staging --set": ("argument --set: expected one argument", "usage: python -m delivery images"),
    "images staging --set sha256:12": ("'sha256:12' is not an image tag", "allowed: at most 128 of A-Z"),
    "images staging": ("127.0.0.1:1", "is the local cloud up? make local-up"),
    "deploy bootstrap nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "adopt nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "deploy nowhere bootstrap": ("environment 'nowhere' is unknown", _NAMES),
    "deploy bootstrap bootstrap": ("deploy bootstrap bootstrap: ", _STACKS),
    "deploy bootstrap staging prod": ("deploy bootstrap staging prod: ", _STACKS),
    "deploy staging staging": ("deploy staging staging: ", _STACKS),
    "plan bootstrap staging": ("plan bootstrap staging: ", _STACKS),
    "destroy bootstrap staging": ("destroy bootstrap staging: ", _STACKS),
    "deploy bootstrap staging": ("127.0.0.1:1", "is the local cloud up? make local-up"),
    "guard nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "guard staging missing.json": ("missing.json: ", "allowed: "),
    "import bootstrap": ("'import' is not a command; allowed: plan, deploy", "usage: python -m delivery COMMAND"),
    "adopt bootstrap": ("'bootstrap' is not an environment", f"allowed here: {_KNOWN}"),
    "adopt staging prod": ("unrecognized arguments: prod", "usage: python -m delivery adopt"),
    "adopt staging": ("127.0.0.1:1", "is the local cloud up? make local-up"),
    "recover nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "recover bootstrap": ("'bootstrap' is not an environment", f"allowed here: {_KNOWN}"),
    "recover staging prod": (
        "unrecognized arguments: prod",
        "usage: python -m delivery recover",
    ),
    "recover staging --lock-id": ("argument --lock-id: expected one argument", "[--lock-id LOCK_ID]"),
    "recover staging": ("127.0.0.1:1", "is the local cloud up? make local-up"),
    "rehearse nowhere": ("environment 'nowhere' is unknown", _LASTING_NAMES),
    "rehearse bootstrap": ("'bootstrap' is not an environment", f"allowed here: {_LASTING}"),
    "rehearse staging": ("127.0.0.1:1", "is the local cloud up? make local-up"),
    "gitops nowhere --out made": ("environment 'nowhere' is unknown", _NAMES),
    "gitops bootstrap --check .": ("'bootstrap' is not an environment", f"allowed here: {_KNOWN}"),
    "gitops staging": (
        "--out --check --chart is required",
        "usage: python -m delivery gitops",
    ),
    "gitops staging --out made --check .": ("argument --check", "not allowed with argument --out"),
    "gitops staging --out file": ("file is not a folder", "allowed: a folder that can be written"),
    "gitops staging --out file-for-folder": (
        "file-for-folder/environments is not a folder",
        "allowed: a folder that can be written",
    ),
    "gitops staging --out folder-for-file": (
        "folder-for-file/environments/staging/values.yaml is a folder",
        "allowed: a file, or nothing yet",
    ),
    "gitops staging --check missing": (
        "--check: 'missing' is not a folder",
        "allowed: an existing checkout",
    ),
    "gitops staging --check folder-for-file": (
        "folder-for-file/environments/staging/values.yaml: the checkout's file cannot be read: Is a directory",
        "allowed: a text file in UTF-8",
    ),
    "gitops staging --check no-text": (
        "no-text/base/values.yaml: the checkout's file cannot be read: 'utf-8'",
        "allowed: a text file in UTF-8",
    ),
    "gitops staging --chart missing": (
        "--chart: 'missing' has no templates folder",
        "allowed: an existing",
    ),
    "gitops staging --chart no-text": (
        "no-text/templates/x.yaml: the chart's template cannot be read: 'utf-8'",
        "allowed: a text file in UTF-8",
    ),
    "environments --branch nowhere": ("from branch 'nowhere'", "allowed: develop, main"),
    "save-plan nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "save-plan staging --out file": (
        "file/staging: File exists",
        "allowed: a folder that can be written",
    ),
    f"comment --commit {_COMMIT} --plans missing --out missing/it": (
        "--out missing/it: No such file",
        "allowed: a file that can be written",
    ),
    "propose --out no-text.md": ("no-text.md", "allowed: "),
    "find-proposal": ("GITHUB_EVENT_PATH not set", "make rehearse"),
    "post-comment 7": ("GITHUB_EVENT_PATH not set", "make rehearse"),
    "post-comment seven": ("invalid int value: 'seven'", "NUMBER"),
    "deploy-reviewed nowhere": ("environment 'nowhere' is unknown", _LASTING_NAMES),
    "deploy-reviewed staging": ("GITHUB_SERVER_URL, ", "make rehearse"),
    "drift nowhere": ("environment 'nowhere' is unknown", _LASTING_NAMES),
    "drift staging": ("GITHUB_API_URL, ", "make rehearse"),
    "record-deployment nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "record-deployment staging": ("GITHUB_API_URL, ", "make rehearse"),
    "history nowhere": ("environment 'nowhere' is unknown", _NAMES),
    "history staging": ("neither GITHUB_TOKEN nor GH_TOKEN is set", "allowed: a token that may read"),
    "history staging --limit 0": ("'0' is not a number of records", "allowed: 1 or more"),
    "preview": ("the following arguments are required: COMMAND", "usage: python -m delivery preview"),
    "preview list": ("127.0.0.1:1", "is the local cloud up? make local-up"),
    "preview deploy preview-9": ("'preview-9' is not a slot", "allowed: preview-1, preview-2, preview-3"),
    "preview sweep staging": ("'staging' is not a slot", "allowed: preview-1, preview-2, preview-3"),
    "preview claim --pull-request 0 --images web=a core-api=a": (
        "argument --pull-request: 0: Input should be greater than or equal to 1",
        "usage: python -m delivery preview claim",
    ),
    "preview claim --pull-request 7 --images web=a web=b": (
        "--images names web twice",
        "allowed: web=TAG core-api=TAG",
    ),
    "preview claim --pull-request 7 --images web=latest core-api=a": (
        "'latest' does not name a version",
        "allowed: prod-",
    ),
    "preview claim --pull-request 7 --images web=a api=b": (
        "'api=b' does not name an application's image",
        "allowed: web=TAG, core-api=TAG",
    ),
    "preview claim --pull-request 7 --commit HEAD --images web=a core-api=b": (
        "argument --commit: 'HEAD': String should match pattern",
        "usage: python -m delivery preview claim",
    ),
    "preview seed": ("the following arguments are required: FILE", "usage: python -m delivery preview"),
    "preview release": ("one of the arguments SLOT --pull-request is required", "usage: python -m delivery preview"),
    "promote staging nowhere": ("environment 'nowhere' is unknown", _LASTING_NAMES),
    "promote staging prod": ("neither GITHUB_TOKEN nor GH_TOKEN is set", "allowed: a token that may read"),
    "update-images nowhere": ("environment 'nowhere' is unknown", _LASTING_NAMES),
    "preview-settings staging": ("unrecognized arguments: staging", "usage: python -m delivery preview-settings"),
    "decide-previews": ("GITHUB_EVENT_NAME or GITHUB_EVENT_PATH is not set", "python -m delivery preview"),
    "report-previews 12,x": ("'12,x' is not a list of numbers", "allowed: 12,14 and the like"),
    "tunnel i-1": ("'i-1' is not an instance ID", "allowed: i- or mi- and 8 to 17 hex digits"),
    "tunnel i-0123456789 --hosts no-text": (
        "argument --hosts: 'no-text' is not a file",
        "allowed: an existing file of host names",
    ),
    "tunnel i-0123456789": ("mosaic-prod-aurora is unknown: ", "127.0.0.1:1"),
}
# Bad values that a command can receive in variables.
BAD_VARIABLES = (
    ({"MOSAIC_CLOUD": "azure"}, "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'"),
    ({"MOSAIC_CLOUD": "local"}, "AWS_ENDPOINT_URL is not set"),
    ({"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": "http://example.com"}, "allowed: a URL on 127.0.0.1"),
    ({"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": "not a url"}, "allowed: a URL on 127.0.0.1"),
    ({"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": "http://127.0.0.1:99999"}, "Port out of range"),
    ({"MOSAIC_CLOUD": "aws", "AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
    ({"MOSAIC_CLOUD": "aws", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "unset it for AWS, or MOSAIC_CLOUD=local"),
    (NOWHERE, "http://127.0.0.1:1"),
)
OF_A_CLOUD = ("plan staging", "verify staging", "doctor staging", "images staging")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with unusable files."""
    for path in ("no-text/base", "no-text/templates", "folder-for-file/environments/staging/values.yaml"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "file-for-folder").mkdir()
    for file in ("file", "file-for-folder/environments"):
        (tmp_path / file).touch()
    for file in ("no-text/base/values.yaml", "no-text/templates/x.yaml", "no-text.md"):
        (tmp_path / file).write_bytes(b"\xff\xfe")
    (tmp_path / "plans" / "staging").mkdir(parents=True)
    (tmp_path / "plans" / "staging" / "plan.json").write_text("of an earlier run")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@given(arguments=st.lists(st.sampled_from(MEANT) | WORDS, max_size=4))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_any_command_line_succeeds_or_says_what_is_wrong_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, arguments: list[str]
) -> None:
    """Any command line succeeds or says what is wrong, and changes nothing.

    No credentials are set, so even a correct one stops before it changes anything.
    """
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("AWS_", "GITHUB_", "MOSAIC_")):
            monkeypatch.delenv(name)
    for name in ("MOSAIC_CLOUD", "MOSAIC_LOCAL_STATE"):
        monkeypatch.setenv(name, "nowhere")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    before = _content(tmp_path)
    code, said = _outcome(COMMANDS[command], arguments)
    assert said.strip()
    assert "Traceback" not in said
    if code == 0:
        assert "usage:" in said or command in NEED_NOTHING
        return
    assert code in (1, 2)
    assert _content(tmp_path) == before


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_command_line_gets_a_message_with_what_was_given_and_what_is_allowed(folder: Path, line: str) -> None:
    """A bad command line gets a message with what was given and what is allowed; nothing is written."""
    what_was_given, what_is_allowed = BAD_LINES[line]
    _assert_refused(folder, line, {**KEYS, **NOWHERE}, what_was_given, what_is_allowed)


def test_this_file_has_a_bad_line_for_every_command() -> None:
    tried = {line.split()[0] for line in (*BAD_LINES, *OF_A_CLOUD)}
    assert tried - {"import"} == set(NAMES)


@pytest.mark.parametrize(("variables", "message"), BAD_VARIABLES)
@pytest.mark.parametrize("line", OF_A_CLOUD)
def test_a_command_names_a_wrong_cloud_variable_in_one_line(
    folder: Path, line: str, variables: Mapping[str, str], message: str
) -> None:
    said = _assert_refused(folder, line, {**KEYS, **variables}, message)
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "variables", "message"),
    [
        (
            "deploy bootstrap staging",
            {"MOSAIC_CLOUD": "azure"},
            "MOSAIC_CLOUD is 'azure'; allowed: 'aws'",
        ),
        (
            "recover staging",
            {"MOSAIC_CLOUD": "azure"},
            "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default)",
        ),
        (
            "rehearse staging",
            {},
            "MOSAIC_CLOUD is 'aws'; allowed: 'local', since a rehearsal deploys",
        ),
        (
            "save-plan staging",
            {"MOSAIC_CLOUD": "azure"},
            "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default)",
        ),
        (
            "environments",
            {"GITHUB_OUTPUT": "missing/it"},
            "GITHUB_OUTPUT is 'missing/it': No such file or directory; allowed: a file that can be written",
        ),
        (
            "post-comment 7",
            {"GITHUB_EVENT_PATH": "no-text.md"},
            "no-text.md: not the event of a finished workflow run",
        ),
        ("tunnel i-0123456789", {"AWS_ENDPOINT_URL": "not a url"}, "Invalid endpoint: not a url"),
    ],
)
def test_a_command_names_any_other_wrong_variable(
    folder: Path, line: str, variables: Mapping[str, str], message: str
) -> None:
    _assert_refused(folder, line, {**KEYS, **variables}, message)


@pytest.mark.parametrize("line", ["deploy bootstrap", "deploy bootstrap prod"])
def test_bootstrap_reports_a_bad_environment_before_it_creates_anything(
    project: Project, tmp_path: Path, line: str
) -> None:
    """Bootstrap reports a bad environment before it creates anything or asks for credentials."""
    name = "x" * 40
    text = (SETTINGS.folder / "staging.py").read_text()
    for old, new in (("staging", name), ('"stage', '"other'), ("=110", "=710"), ("=120", "=720")):
        text = text.replace(old, new)
    copy = project.copy(tmp_path / "copy", {f"environments/{name}.py": text})
    done = copy.run(sys.executable, "-m", "delivery", *line.split(), **NOWHERE).expect(2)
    assert name in done.output
    assert "characters" in done.output
    assert NOWHERE["AWS_ENDPOINT_URL"] not in done.output


def _assert_refused(folder: Path, line: str, variables: Mapping[str, str], *messages: str) -> str:
    """Run a command in this folder; return its standard error."""
    kept = (folder, ROOT / "plans")
    before = [_content(one) for one in kept]
    done = run_command_in(folder, *line.split(), **variables)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.split())
    assert [message for message in messages if message not in said] == [], said
    assert [_content(one) for one in kept] == before
    return done.stderr


def _content(folder: Path) -> dict[str, bytes | None]:
    """Return a folder's content by path: a file's bytes, or None for a folder."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def _outcome(main: Callable[[list[str]], int], arguments: list[str]) -> tuple[int, str]:
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return code, said.getvalue()
