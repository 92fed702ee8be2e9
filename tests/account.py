"""The settings of the account that the tests' local cloud holds: the designed one, where staging is new."""

from modules.model.selected_settings import settings_of

ACCOUNT = "designed"
SETTINGS = settings_of(ACCOUNT)
SHARED = SETTINGS.shared
