"""Loads, of the prebuilt providers, only the resources that constructs import: import this before anything of CDKTF.

Without it the same JSON is synthesized, slower (docs/bindings.md).
"""

from pathlib import Path

import fast_synth

fast_synth.install(Path(__file__).resolve().parents[1], cache_name="mosaic-platform")
