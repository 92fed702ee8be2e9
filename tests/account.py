"""The settings of the account that the tests' cloud holds: a local one the designed account, where staging is new."""

import sys

from modules.model.selected_settings import settings_of

# By the option of tests/conftest.py, which is read after this is imported.
ON_AWS = any(word.startswith("--aws") for word in sys.argv)
ACCOUNT = "built" if ON_AWS else "designed"
SETTINGS = settings_of(ACCOUNT)
SHARED = SETTINGS.shared
