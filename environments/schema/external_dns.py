"""How the cluster's external-dns marks the DNS records that it created."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from environments.schema.base import Settings

_RECORD_TYPE = "%{record_type}"
_Affix = Annotated[str, Field(pattern=r"^[a-z0-9%{}_.-]{0,60}$")]


class ExternalDns(Settings):
    """The cluster's external-dns, which somebody else runs, by its own arguments.

    owner: ``--txt-owner-id``; None for the cluster's name. txt_prefix, txt_suffix: ``--txt-prefix``, ``--txt-suffix``;
    at most one of the two, empty by default; ``%{record_type}`` in it stands for the type.
    """

    owner: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    txt_prefix: _Affix = ""
    txt_suffix: _Affix = ""

    @model_validator(mode="after")
    def _has_one_affix(self) -> Self:
        if self.txt_prefix and self.txt_suffix:
            raise ValueError(
                f"txt_prefix {self.txt_prefix!r} and txt_suffix {self.txt_suffix!r}; allowed: one of the two, because "
                "external-dns itself accepts only one"
            )
        return self

    def registry_names(self, host: str, record_type: str) -> tuple[str, ...]:
        """The names where a TXT record can name the owner of the host's record of this type; the first found counts.

        record_type: A or AAAA. Until 0.21 an alias was marked as a CNAME, and before 0.12 no name contained the type.
        Source: registry/mapper/mapper.go of https://github.com/kubernetes-sigs/external-dns
        """
        types = ("a", "cname") if record_type == "A" else ("aaaa",)
        names = [self._registry_name(host, name) for name in types]
        return (*names, *([self._registry_name(host, "")] if record_type == "A" else []))

    def _registry_name(self, host: str, kind: str) -> str:
        label, _, parent = host.lower().partition(".")
        prefix, suffix = (affix.replace(_RECORD_TYPE, kind) for affix in (self.txt_prefix, self.txt_suffix))
        named = kind and _RECORD_TYPE not in self.txt_prefix + self.txt_suffix
        return f"{prefix}{f'{kind}-' if named else ''}{label}{suffix}.{parent}"
