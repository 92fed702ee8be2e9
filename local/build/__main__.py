"""``python -m local.build [NAME...]``, with the system's Python, before any package is installed."""

import sys

from local.build.programs import main

if __name__ == "__main__":
    sys.exit(main())
