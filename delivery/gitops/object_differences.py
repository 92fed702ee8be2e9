"""Finds expected fields that an object lacks."""

from collections.abc import Iterator, Mapping


def object_differences(actual: object, expected: object, path: str) -> Iterator[str]:
    """Yield what ``actual`` lacks of ``expected``, one line each. path: the object's name in these lines.

    Mappings may have additional keys; lists must have the same length; an expected None means absent.
    """
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key, item in expected.items():
            place = f"{path}.{key}"
            if item is None and actual.get(key) is not None:
                yield f"{place}: expected nothing, found {actual[key]!r}"
            elif item is not None and key not in actual:
                yield f"{place}: expected {item!r}, found nothing"
            elif item is not None:
                yield from object_differences(actual[key], item, place)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (found, item) in enumerate(zip(actual, expected, strict=True)):
            yield from object_differences(found, item, f"{path}[{index}]")
    elif actual != expected or type(actual) is not type(expected):
        yield f"{path}: expected {expected!r}, found {actual!r}"
