"""The account's certificate, checked for two hosts."""

from constructs import Construct

from modules.aws.certificate import Certificate
from modules.model.selected_settings import SHARED


def example(scope: Construct) -> Certificate:
    return Certificate(
        scope,
        "certificate",
        settings=SHARED.certificate,
        hosts=["demo.mosaiclife.me", "demo-api.mosaiclife.me"],
    )
