"""The settings of the account in the tests' cloud; a local cloud holds the designed account, where staging is new."""

import sys

from modules.model.selected_settings import settings_of

# Reads the option of tests/conftest.py here, because this module is imported before pytest parses it.
ON_AWS = any(word.startswith("--aws") for word in sys.argv)
ACCOUNT = "built" if ON_AWS else "designed"
SETTINGS = settings_of(ACCOUNT)
SHARED = SETTINGS.shared
