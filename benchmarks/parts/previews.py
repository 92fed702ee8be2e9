"""Measures a preview on the local cloud: from a pull request's claim to a verified slot, and its end."""

import sys

from benchmarks.bench import Bench
from benchmarks.own_cloud import UP, own_cloud
from benchmarks.part import Part
from benchmarks.row import Row
from environments.applications import APPLICATION_OF_FIELD
from local import commands as cloud
from modules.model.selected_settings import SETTINGS

_DELIVERY = (sys.executable, "-m", "delivery")
_NUMBER = "1"


def _run(bench: Bench) -> None:
    # The account that has previews in its settings.
    with own_cloud(bench, account="built"):
        bench.prepare(Row(name="the local cloud", commands=[UP]))
        variables = cloud.environment()
        bootstrap = (*_DELIVERY, "deploy", "bootstrap", "--auto-approve")
        bench.prepare(Row(name="bootstrap", commands=[bootstrap], variables=variables))

        def row(name: str, *words: str, wanted: str = "") -> Row:
            return Row(name=name, commands=[(*_DELIVERY, "preview", *words)], variables=variables, wanted=wanted)

        claim = ("claim", "--pull-request", _NUMBER, "--images", *_images(), "--deploy")
        bench.once(
            [
                row("claim to verified", *claim, wanted="60 s"),
                row("claim again to verified, no change", *claim),
                row("sweep, nothing to do", "sweep"),
                row("release", "release", "--pull-request", _NUMBER),
                row("sweep, all slots free", "sweep"),
            ]
        )


def _images() -> list[str]:
    """A build that is in the account's registry."""
    images = SETTINGS.find("staging").images
    return [f"{APPLICATION_OF_FIELD[field].name}={image.tag}" for field, image in images.items()]


PART = Part(name="previews", title="A preview on the local cloud", run=_run)
