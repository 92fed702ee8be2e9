"""Converts arguments from Python for the kernel."""

from typing import Any

from jsii import _kernel as jsii_kernel
from jsii._kernel.types import Override

_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})
_convert_any = jsii_kernel._make_reference_for_native  # noqa: SLF001 of jsii, which offers nothing else
_find_overrides = jsii_kernel._get_overides  # noqa: SLF001 as above


def install() -> None:
    """Send only the fields of a struct that were set, and take a shortcut for the most common arguments.

    jsii itself sends every field: a pod template has hundreds, and both Python and the kernel look at each.
    """
    jsii_kernel._make_reference_for_native = _convert  # type: ignore[assignment] # noqa: SLF001
    jsii_kernel._get_overides = _overrides  # type: ignore[assignment] # noqa: SLF001


def _overrides(declared: type, instance: object) -> list[Override]:
    """Return the methods of CDKTF that the instance's class overrides; none for a class of CDKTF itself."""
    if getattr(type(instance), "__jsii_declared_type__", None) is not None:
        return []
    return _find_overrides(declared, instance)


def _convert(kernel: jsii_kernel.Kernel, value: Any) -> Any:  # noqa: ANN401 whatever Python holds
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is list:
        return [item if type(item) in _AS_THEY_ARE else _convert(kernel, item) for item in value]
    if kind is dict:
        return {"$jsii.map": {key: _convert(kernel, item) for key, item in value.items()}}
    names = getattr(kind, "__jsii_name_mapping__", None)
    if names is None:
        return _convert_any(kernel, value)
    given = {
        names[name]: item if type(item) in _AS_THEY_ARE else _convert(kernel, item)
        for name, item in value._values.items()  # noqa: SLF001 its fields
    }
    return {"$jsii.struct": {"fqn": kind.__jsii_type__, "data": given}}
