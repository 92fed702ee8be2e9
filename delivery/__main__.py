"""``python -m delivery COMMAND``; ``python -m delivery --help`` lists the commands."""

import sys

from delivery.command_line import main

if __name__ == "__main__":
    sys.exit(main())
