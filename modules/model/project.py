"""Where this checkout is. Standard library only: the local cloud's build reads it before any package is installed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
