"""Which parts of an environment already exist and are imported instead of created."""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, ValidationInfo

Part = Literal[
    "media",
    "backups",
    "session-key",
    "internal-api-token",
    "credentials",
    "database",
    "database-role",
    "core-api-role",
    "namespace",
    "argocd-application",
]
PARTS: tuple[Part, ...] = get_args(Part)
# Importing something that does not exist stops every plan: an Application exists only if Argo CD already delivers, and
# the handmade production has no internal API token.
_NAMED_ONLY: frozenset[str] = frozenset({"argocd-application", "internal-api-token"})


def _adoption(value: object, info: ValidationInfo) -> object:
    parts = ", ".join(f'"{part}"' for part in PARTS)
    allowed = f"True, False, or some of ({parts})"
    if info.mode == "json" and isinstance(value, list):
        value = tuple(value)
    if isinstance(value, tuple):
        unknown = ", ".join(repr(part) for part in value if part not in PARTS)
        if unknown:
            raise ValueError(f"{unknown} cannot be adopted; allowed: {allowed}")
    elif not isinstance(value, bool):
        message = f"{value!r} should be a valid choice of what to adopt; allowed: {allowed}"
        raise ValueError(message)  # noqa: TRY004 pydantic takes a TypeError for a fault of the program
    return value


Adoption = Annotated[bool | tuple[Part, ...], BeforeValidator(_adoption)]


def adopts(adoption: Adoption, part: str) -> bool:
    """Whether a part is imported: if it is named, or with True if a handmade production has it."""
    if isinstance(adoption, bool):
        return adoption and part in PARTS and part not in _NAMED_ONLY
    return part in adoption
