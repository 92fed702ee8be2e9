"""What of an environment exists already and is imported instead of created, part by part."""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

Part = Literal[
    "media",
    "backups",
    "session-key",
    "credentials",
    "database",
    "database-role",
    "core-api-role",
    "namespace",
    "argocd-application",
]
PARTS: tuple[Part, ...] = get_args(Part)
# An Application exists only where Argo CD delivers already, and an import of what does not exist stops every plan.
_NAMED_ONLY: frozenset[Part] = frozenset({"argocd-application"})


def _adoption(value: object) -> object:
    parts = ", ".join(f'"{part}"' for part in PARTS)
    allowed = f"True, False, or some of ({parts})"
    if isinstance(value, tuple):
        unknown = ", ".join(repr(part) for part in value if part not in PARTS)
        if unknown:
            raise ValueError(f"{unknown} cannot be adopted; allowed: {allowed}")
    elif not isinstance(value, bool):
        message = f"{value!r} should be a valid choice of what to adopt: {allowed}"
        raise ValueError(message)  # noqa: TRY004 pydantic takes a TypeError for a fault of the program
    return value


Adoption = Annotated[bool | tuple[Part, ...], BeforeValidator(_adoption)]


def adopts(adoption: Adoption, part: Part) -> bool:
    """Whether a part is imported: where it is named, and with True all but an Application of Argo CD's."""
    if isinstance(adoption, bool):
        return adoption and part not in _NAMED_ONLY
    return part in adoption
