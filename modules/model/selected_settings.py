"""Which settings count: those of environments/, or on the local cloud those of the account that it holds.

MOSAIC_LOCAL_ACCOUNT is ``built`` (default: the account that the settings describe) or ``designed``
(``environments/accounts/designed.py``). It counts where MOSAIC_CLOUD is ``local``; on AWS there is one account.
"""

from collections.abc import Mapping

from environments.accounts.designed import DESIGNED
from environments.schema.account import Account
from environments.schema.catalogue import Catalogue
from modules.model.cloud_selection import local_account

ACCOUNTS: Mapping[str, Account | None] = {"built": None, "designed": DESIGNED}


def settings_of(account: str) -> Catalogue:
    """Return the settings of one of ACCOUNTS. Raises CloudError for another name, SettingsError for bad settings."""
    return Catalogue(account=ACCOUNTS[account])


SETTINGS = settings_of(local_account(ACCOUNTS))
SHARED = SETTINGS.shared
