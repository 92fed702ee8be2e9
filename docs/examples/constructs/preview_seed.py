"""The seed of two previews."""

from constructs import Construct

from modules.postgresql.preview_seed import PreviewSeed


def example(scope: Construct) -> PreviewSeed:
    return PreviewSeed(
        scope,
        "seed",
        name="mosaic_preview_seed",
        administrator="postgres",
        extensions=["vector"],
        deployers=["mosaic_preview_1_deploy", "mosaic_preview_2_deploy"],
    )
