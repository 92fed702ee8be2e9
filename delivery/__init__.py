"""Operations on an environment from outside its stack: deploy, verify, review."""

import sys

from delivery.former_commands import refuse

refuse(sys.orig_argv)
