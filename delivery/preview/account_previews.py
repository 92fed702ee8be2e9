"""The previews of an account, as its settings and its claims describe them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import boto3

from delivery.account.session import caller, open_session
from delivery.preview.claim_store import ClaimStore
from delivery.preview.error import PreviewError
from environments.schema.catalogue import Catalogue
from environments.schema.previews import Previews
from environments.schema.settings import Environment, Shared
from modules.model.cloud_selection import local_endpoint


def previews_of(shared: Shared) -> Previews:
    """Return the settings of the previews. Raises PreviewError if there are none."""
    if shared.previews is None:
        raise PreviewError(
            "the settings have no previews; allowed: previews=Previews(...) in environments/shared.py", unusable=True
        )
    return shared.previews


@dataclass(frozen=True, kw_only=True)
class AccountPreviews:
    """settings: the number of slots and whose they are. slots: their settings by name. store: who has which."""

    settings: Previews
    slots: Mapping[str, Environment]
    session: boto3.Session
    store: ClaimStore

    @classmethod
    def open(cls, catalogue: Catalogue, named: Sequence[str] = ()) -> Self:
        """Open the previews of the account that the settings name.

        named: slots that a caller asks for, checked before any request to the account. Raises PreviewError if there are
        no previews, or not these; SettingsError, InvalidNameError, CloudError, AccountError.
        """
        shared = catalogue.shared
        settings = previews_of(shared)
        slots = {each.name: each for each in catalogue.load() if each.slot is not None}
        for name in named:
            _slot(slots, name)
        session = open_session(shared)
        caller(session, shared, local=local_endpoint() is not None)
        return cls(settings=settings, slots=slots, session=session, store=ClaimStore.of(session, shared))

    def slot(self, name: str) -> Environment:
        """Return the settings of a slot. Raises PreviewError: a claim may be for a slot that was removed from them."""
        return _slot(self.slots, name)


def _slot(slots: Mapping[str, Environment], name: str) -> Environment:
    if name not in slots:
        raise PreviewError(
            f"{name!r} is not a slot; allowed: {', '.join(slots)} (previews.slots in environments/shared.py)",
            unusable=True,
        )
    return slots[name]
