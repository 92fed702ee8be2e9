"""Selects the settings: those in environments/, or on the local cloud those of the account that it holds.

MOSAIC_LOCAL_ACCOUNT is ``built`` (default: the account that the settings describe) or ``designed``
(``environments/accounts/designed.py``). It applies only if MOSAIC_CLOUD is ``local``; on AWS there is one account.

MOSAIC_SETTINGS is a file with a SettingsDocument, which is then used unchanged, on either cloud.
"""

from collections.abc import Mapping
from pathlib import Path

from environments.accounts.designed import DESIGNED
from environments.schema.account import Account
from environments.schema.catalogue import Catalogue
from environments.schema.document import DocumentCatalogue, SettingsDocument
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import SETTINGS_VARIABLE, CloudError, local_account, settings_file

ACCOUNTS: Mapping[str, Account | None] = {"built": None, "designed": DESIGNED}


def settings_of(account: str) -> Catalogue:
    """Return the settings of one of ACCOUNTS. Raises CloudError for another name, SettingsError for bad settings."""
    return Catalogue(account=ACCOUNTS[account])


def settings_in(file: Path) -> Catalogue:
    """Return the settings of a file that MOSAIC_SETTINGS names. Raises CloudError if it holds none."""
    try:
        document = SettingsDocument.parse(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, SettingsError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        allowed = "the settings.json that `python -m delivery propose` writes, or unset for the files of environments/"
        raise CloudError(f"{SETTINGS_VARIABLE} is {str(file)!r}: {problem}; allowed: {allowed}") from None
    return DocumentCatalogue(document)


def _selected() -> Catalogue:
    account = local_account(ACCOUNTS)
    file = settings_file()
    return settings_in(file) if file else settings_of(account)


SETTINGS = _selected()
SHARED = SETTINGS.shared
