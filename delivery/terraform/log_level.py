"""Keeps secret values out of Terraform's log: below INFO, providers log what they send and receive."""

from collections.abc import Mapping

# JSON is TRACE in another form. https://developer.hashicorp.com/terraform/internals/debugging
_WITH_BODIES = {"DEBUG", "TRACE", "JSON"}


def notice(variables: Mapping[str, str]) -> str | None:
    """The message for a caller who asked for the providers' log with TF_LOG and does not get it."""
    if not _asks_for_all(variables):
        return None
    level = variables["TF_LOG"]
    return (
        f"TF_LOG={level}: only Terraform itself logs at this level, because the providers would log secret values; "
        f"TF_LOG_PROVIDER={level} makes them do so (docs/traps.md)"
    )


def without_values(variables: Mapping[str, str]) -> dict[str, str]:
    """These variables, with TF_LOG's level for Terraform itself only, unless TF_LOG_PROVIDER is set too."""
    if not _asks_for_all(variables):
        return dict(variables)
    others = {name: value for name, value in variables.items() if name != "TF_LOG"}
    return {**others, "TF_LOG_CORE": variables["TF_LOG"], "TF_LOG_PROVIDER": "INFO"}


def _asks_for_all(variables: Mapping[str, str]) -> bool:
    return variables.get("TF_LOG", "").upper() in _WITH_BODIES and not variables.get("TF_LOG_PROVIDER")
