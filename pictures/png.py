"""A text inside a PNG file: what the picture shows, so that one can tell whether it still does.

https://www.w3.org/TR/png-3/#11zTXt
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEYWORD: Final = b"Description\0\0"
"""With the mark for the only method of compression that there is."""
_HEADER_BYTES: Final = 8 + 25
"""The signature and the first chunk: nothing may come before them."""


def with_description(png: bytes, description: str) -> bytes:
    chunk = b"zTXt" + _KEYWORD + zlib.compress(description.encode(), 9)
    whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:_HEADER_BYTES] + whole + png[_HEADER_BYTES:]


def description_of(png: bytes) -> str:
    """Nothing for a picture without one."""
    texts = [content for kind, content in _chunks(png) if kind == b"zTXt" and content.startswith(_KEYWORD)]
    return zlib.decompress(texts[0].removeprefix(_KEYWORD)).decode() if texts else ""


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(png):
        length, kind = struct.unpack_from(">I4s", png, place)
        yield kind, png[place + 8 : place + 8 + length]
        place += 12 + length
