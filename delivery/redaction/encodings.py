"""The ways in which plans, logs and URLs encode a value, and how to decode such text."""

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, quote_plus

# JSON in JSON in a URL needs three; programs never print deeper nesting.
_LEVELS = 5
_URL_SAFE = str.maketrans("+/", "-_")
_BACKSLASHED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ESCAPE = re.compile(
    r"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u(?P<unit>[0-9a-fA-F]{4})|\\U(?P<point>[0-9a-fA-F]{8})|\\x(?P<byte>[0-9a-fA-F]{2})"
    r"|\\(?P<character>[nrtbf\"'`/\\$ ])"
    r"|(?P<percent>(?:%[0-9a-fA-F]{2})+)"
    r"|(?P<entity>&(?:[a-zA-Z]{2,8}|\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6});)"
    # Terraform's templates; single quotes of shells and of YAML.
    r"|(?P<template>\$\$(?=\{)|%%(?=\{))|(?P<quote>'\\''|'\"'\"'|'')"
)


def written_forms(secret: str) -> Iterator[str]:
    """The secret as it is, and quoted, escaped and encoded, as a whole or as part of a longer value."""
    yield secret
    for ascii_only in (True, False):
        escaped = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
        yield json.dumps(escaped)[1:-1]
    yield "".join(f"\\u{unit:04x}" for unit in _utf16(secret))
    yield "".join(f"\\u{unit:04X}" for unit in _utf16(secret))
    yield repr(secret)[1:-1]
    yield secret.replace("\\", "\\\\").replace("'", "\\'")
    yield secret.replace("'", "'\\''")
    yield secret.replace("'", "''")
    yield secret.replace("${", "$${").replace("%{", "%%{")
    yield html.escape(secret)
    content = secret.encode("utf-8", "surrogatepass")
    yield quote(content, safe="")
    yield quote(content)
    yield quote_plus(content)
    yield "".join(f"%{byte:02X}" for byte in content)
    yield content.hex()
    yield content.hex().upper()
    yield base64.b64encode(content).decode()
    yield base64.b64encode(content).decode().translate(_URL_SAFE)
    for offset in range(3):
        # Bytes before and after it in the encoded value change the digits at its edges.
        digits = base64.b64encode(bytes(offset) + content).decode()
        inner = digits[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6]
        yield inner
        yield inner.translate(_URL_SAFE)


@dataclass(frozen=True)
class Reading:
    """A text, and the text it was decoded from; None for the original."""

    text: str
    source: "Reading | None" = None
    # For each escape: where its characters begin and end in the text, and in the source.
    _escapes: tuple[tuple[int, int, int, int], ...] = field(default=(), repr=False)

    @cached_property
    def _begins(self) -> list[int]:
        return [row[0] for row in self._escapes]

    def place(self, begin: int, end: int) -> tuple[int, int]:
        """Where this part of the text stands in the original; escapes count whole."""
        if self.source is None:
            return begin, end
        return self.source.place(self._source_place(begin)[0], self._source_place(end - 1)[1])

    def _source_place(self, index: int) -> tuple[int, int]:
        number = bisect_right(self._begins, index) - 1
        if number < 0:
            return index, index + 1
        _, end, source_begin, source_end = self._escapes[number]
        if index < end:
            return source_begin, source_end
        place = source_end + index - end
        return place, place + 1


def readings(text: str) -> list[Reading]:
    """The text, and each further decoding of it as long as it contains escapes."""
    found = [Reading(text)]
    while len(found) <= _LEVELS:
        following = _read(found[-1])
        if following.text == found[-1].text:
            break
        found.append(following)
    return found


def plain(text: str) -> str:
    """The text with every escape decoded."""
    return readings(text)[-1].text


def _read(source: Reading) -> Reading:
    parts: list[str] = []
    escapes: list[tuple[int, int, int, int]] = []
    length = last = 0
    for match in _ESCAPE.finditer(source.text):
        said = _said(match)
        if said is None:
            continue
        parts += [source.text[last : match.start()], said]
        length += match.start() - last
        escapes.append((length, length + len(said), match.start(), match.end()))
        length += len(said)
        last = match.end()
    parts.append(source.text[last:])
    return Reading("".join(parts), source, tuple(escapes))


def _said(match: re.Match[str]) -> str | None:
    """What an escape stands for; None if it is not an escape after all."""
    digits = match["unit"] or match["point"] or match["byte"]
    if digits:
        return chr(int(digits, 16)) if int(digits, 16) <= 0x10FFFF else None
    if match["pair"]:
        return str(json.loads(f'"{match["pair"]}"'))
    if match["character"]:
        return _BACKSLASHED.get(match["character"], match["character"])
    if match["percent"]:
        return bytes.fromhex(match["percent"].replace("%", "")).decode("utf-8", "replace")
    if match["entity"]:
        said = html.unescape(match["entity"])
        return None if said == match["entity"] else said
    return "'" if match["quote"] else match["template"][0]


def _utf16(text: str) -> Iterator[int]:
    content = text.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(content[index : index + 2], "big") for index in range(0, len(content), 2))
