"""The path of this checkout. Standard library only: the local cloud's build uses it before any package is installed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
