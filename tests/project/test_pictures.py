"""The files of the README's pictures: which there are, and the text inside them."""

import re
import struct
import zlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pictures.png import description_of, with_description
from pictures.scenes import SCENES

ROOT = Path(__file__).parents[2]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


DOT = b"".join(
    [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\0\0")),
        _chunk(b"IEND", b""),
    ]
)


@given(st.text())
def test_picture_keeps_its_description(text: str) -> None:
    """And everything else, in chunks that are whole."""
    written = text.encode("utf-8", "replace").decode()
    described = with_description(DOT, written)
    assert description_of(described) == written
    assert described.replace(described[33 : len(described) - len(DOT) + 33], b"", 1) == DOT
    length, kind = struct.unpack_from(">I4s", described, 33)
    content = described[37 : 37 + 4 + length]
    assert kind == b"zTXt"
    assert described[41 + length : 45 + length] == struct.pack(">I", zlib.crc32(content))


def test_picture_without_a_description_has_none() -> None:
    assert description_of(DOT) == ""


def test_readme_shows_every_picture_and_no_other() -> None:
    named = set(re.findall(r"pictures/([\w-]+)\.png", (ROOT / "README.md").read_text("utf-8")))
    assert named == {scene.name for scene in SCENES} == {file.stem for file in (ROOT / "pictures").glob("*.png")}
