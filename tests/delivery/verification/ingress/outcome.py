"""The result of a check."""

from collections.abc import Callable, Iterable

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Caution, Check


def outcome(checks: Callable[[Target], Iterable[Check]], target: Target, name: str) -> str:
    """Return the named check's result: right, worth a look, or wrong."""
    (check,) = (check for check in checks(target) if check.name == name)
    try:
        said = check.run()
    except CheckError as error:
        return str(error)
    return f"caution: {said.text}" if isinstance(said, Caution) else f"right: {said}"
