"""What is done with an environment from outside: deployed, verified, reviewed."""

import sys

from delivery.former_commands import refuse

refuse(sys.orig_argv)
