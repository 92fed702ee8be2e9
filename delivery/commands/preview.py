"""Give a pull request of the application its own environment, and empty it afterwards.

``claim`` gives a pull request a slot, ``deploy`` deploys what the claim says and verifies it, ``list`` shows which pull
request has which slot, ``extend`` renews a claim without a push, ``release`` empties a slot and frees it, ``sweep``
does what is due, ``seed`` replaces the initial rows of seeded previews (docs/previews.md). Exit code 0: done; 1: it
failed, or was refused; 2: invalid input, or no credentials.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from delivery.account.session import AccountError
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.github.client import GitHubError
from delivery.github.run_context import append_line
from delivery.images.registry import ImageRegistry, NoEcrError
from delivery.preview.account_previews import AccountPreviews
from delivery.preview.claim import Commit, PullRequestNumber
from delivery.preview.claiming import Claiming
from delivery.preview.clock import moment
from delivery.preview.decision import sleeps_at
from delivery.preview.error import PreviewError
from delivery.preview.github_pull_requests import GitHubPullRequests
from delivery.preview.pull_requests import PullRequests
from delivery.preview.seed import Seed
from delivery.preview.slot_table import slot_table
from delivery.preview.slot_worker import SlotWorker
from delivery.preview.sweep import Sweep
from delivery.report.text_file import TextFileError, read_text
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.formats import ImageTag
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED

_INTERRUPTED = 130
_APPLICATIONS = {application.name: field for field, application in APPLICATION_OF_FIELD.items()}


class _Previews(AccountPreviews):
    """Shared by the subcommands: the settings' slots and the account's claims."""

    def worker(self, name: str) -> SlotWorker:
        """The worker that deploys and empties this slot. Raises PreviewError if there is no such slot, AccountError."""
        return SlotWorker(target=Target.of(self.slot(name), SHARED), catalogue=SETTINGS, store=self.store)

    def pull_requests(self, options: argparse.Namespace) -> PullRequests | None:
        """GitHub's pull requests, with --github. Raises GitHubError without a token."""
        return GitHubPullRequests.of(self.settings) if options.github else None

    def slot_of(self, options: argparse.Namespace) -> str:
        """The pull request's slot. Raises PreviewError if it has none."""
        return self.store.read().claims.slot_of(self.settings.repository, options.pull_request)


def _claim(previews: _Previews, options: argparse.Namespace) -> bool:
    claiming = Claiming(
        previews=previews.settings,
        slots=tuple(previews.slots),
        store=previews.store,
        registry=ImageRegistry(previews.session, SHARED),
        pull_requests=previews.pull_requests(options),
    )
    repository = options.repository or previews.settings.repository
    name = claiming.claim(repository, options.pull_request, options.commit, dict(options.images))
    append_line("GITHUB_OUTPUT", f"slot={name}")
    if options.deploy:
        previews.worker(name).deploy()
    return True


def _deploy(previews: _Previews, options: argparse.Namespace) -> bool:
    previews.worker(options.slot).deploy(gitops=options.gitops)
    return True


def _list(previews: _Previews, _: argparse.Namespace) -> bool:
    reading = previews.store.read()
    print(*slot_table(reading.claims, tuple(previews.slots), previews.settings, reading.now), sep="\n")
    return True


def _extend(previews: _Previews, options: argparse.Namespace) -> bool:
    name = previews.slot_of(options)
    before = previews.store.read().claims.slot(name).claim
    after = previews.store.update(lambda claims, now: claims.extended(name, now)).claims.slot(name).claim
    assert after is not None  # noqa: S101 a slot that nobody has is not extended
    print(f"{name}: {after} sleeps at {moment(sleeps_at(after, previews.settings))}", flush=True)
    if options.deploy:
        previews.worker(name).deploy()
    elif before and before.asleep:
        print(f"{name}: it was asleep; to start its pods again: python -m delivery preview deploy {name}")
    return True


def _release(previews: _Previews, options: argparse.Namespace) -> bool:
    if options.slot:
        previews.worker(options.slot).release()
        return True
    # Includes a slot that an interrupted release left behind.
    names = [name for name, _ in previews.store.read().claims.of(previews.settings.repository, options.pull_request)]
    for name in names:
        previews.worker(name).release()
    if not names:
        print(f"{previews.settings.repository}#{options.pull_request} has no preview")
    return True


def _sweep(previews: _Previews, options: argparse.Namespace) -> bool:
    return Sweep(
        workers=[previews.worker(name) for name in options.slots or previews.slots],
        previews=previews.settings,
        store=previews.store,
        pull_requests=previews.pull_requests(options),
        act=not options.dry_run,
    ).run()


def _seed(previews: _Previews, options: argparse.Namespace) -> bool:
    try:
        dump = read_text(options.file, "the dump")
    except TextFileError as error:
        raise PreviewError(str(error), unusable=True) from None
    try:
        Seed(Target.of(next(iter(previews.slots.values())), SHARED)).load(dump)
    except LoginError as error:
        raise PreviewError(str(error)) from None
    print(f"{options.file}: seeded previews now start with these rows")
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, run the subcommand and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return (
            0 if options.do(_Previews.open(SETTINGS, [*filter(None, [options.slot]), *options.slots]), options) else 1
        )
    except PreviewError as error:
        return _refused(error, 2 if error.unusable else 1)
    except (SettingsError, InvalidNameError, CloudError, AccountError, NoEcrError, GitHubError) as error:
        return _refused(error, 2)
    except KeyboardInterrupt:
        print("preview: interrupted; run it again", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m delivery preview", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, do: Callable[[_Previews, argparse.Namespace], bool], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(do=do, slot=None, slots=())
        return command

    claim = add("claim", _claim, "give a pull request a slot, or renew its claim")
    claim.add_argument("--repository", metavar="OWNER/NAME", help="only previews.repository is allowed (default)")
    claim.add_argument("--pull-request", type=_number, required=True, metavar="NUMBER")
    claim.add_argument("--commit", type=_commit, help="the head commit that the images were built from")
    claim.add_argument(
        "--images",
        type=_image,
        nargs=len(_APPLICATIONS),
        required=True,
        action=_Images,
        metavar="APPLICATION=TAG",
        help=" ".join(f"{application}=TAG" for application in _APPLICATIONS),
    )
    deploy = add("deploy", _deploy, "deploy what the slot's claim says, and verify it")
    deploy.add_argument("slot", metavar="SLOT")
    deploy.add_argument("--gitops", type=Path, metavar="DIR", help="if Argo CD delivers: the checkout of its values")
    add("list", _list, "show which pull request has which slot, and until when")
    extend = add("extend", _extend, "renew a claim without a push, and wake it")
    extend.add_argument("--pull-request", type=_number, required=True, metavar="NUMBER")
    release = add("release", _release, "empty a slot and free it")
    which = release.add_mutually_exclusive_group(required=True)
    which.add_argument("slot", nargs="?", metavar="SLOT")
    which.add_argument("--pull-request", type=_number, metavar="NUMBER")
    sweep = add("sweep", _sweep, "do what is due: finish a deploy, put to sleep, release or clean a slot")
    sweep.add_argument("slots", nargs="*", metavar="SLOT", help="all slots by default")
    sweep.add_argument("--dry-run", action="store_true", help="only show what is due")
    seed = add("seed", _seed, "replace the initial rows of seeded previews with those of a dump")
    seed.add_argument(
        "file", type=Path, metavar="FILE", help="SQL as described in docs/bootstrap.md#the-rows-of-previews"
    )
    for command in (claim, sweep):
        command.add_argument("--github", action="store_true", help="ask GitHub about the pull request")
    for command in (claim, extend):
        command.add_argument("--deploy", action="store_true", help="also deploy it")
    return parser


class _Images(argparse.Action):
    """One tag per application."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002 argparse gives it
    ) -> None:
        """Reject an application named twice, because another one is missing then."""
        images = dict(values)  # type: ignore[call-overload]
        if len(images) != len(_APPLICATIONS):
            twice = [name for name, field in _APPLICATIONS.items() if field in images]
            parser.error(f"--images names {', '.join(twice)} twice; allowed: {self.help}")
        setattr(namespace, self.dest, images)


def _image(text: str) -> tuple[str, str]:
    """The field of ``Environment.images`` and the tag."""
    name, equals, tag = text.partition("=")
    if name not in _APPLICATIONS or not equals:
        allowed = ", ".join(f"{application}=TAG" for application in _APPLICATIONS)
        raise argparse.ArgumentTypeError(f"{text!r} does not name an application's image; allowed: {allowed}")
    return _APPLICATIONS[name], _checked(ImageTag, tag)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a pull request number; allowed: 1 or more")
    number: int = _checked(PullRequestNumber, int(text))
    return number


def _commit(text: str) -> str:
    commit: str = _checked(Commit, text)
    return commit


def _checked(kind: Any, value: Any) -> Any:  # noqa: ANN401 a type with its rules
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise argparse.ArgumentTypeError(message if repr(value) in message else f"{value!r}: {message}") from None


def _refused(problem: object, code: int) -> int:
    for line in str(problem).splitlines():
        print(f"preview: {line}", file=sys.stderr)
    return code
