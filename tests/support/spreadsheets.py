"""Files of customers as offices have them, for the tests of the import."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook

HEADER = ("客户id", "客户编号", "客户名称", "联系人", "联系电话", "邮箱")
ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER = "05690412-5229-4a64-bbe5-970f90753f7f"
FULL = (ID, "CF00000179", "杭州岚峤精密机械有限公司", "陈岚", "13800001001", "lan@example.com")
SECOND = (OTHER, "CF00000180", "宁波测试电器", "联通", "0571-88880000", "dianqi@example.com")

Cells = Sequence[object]


def csv_text(rows: Iterable[Cells], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def csv_file(path: Path, rows: Iterable[Cells], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    path.write_bytes(csv_text(rows, delimiter).encode(encoding))
    return path


def xlsx_file(path: Path, rows: Iterable[Cells], merged: str = "") -> Path:
    """A workbook with one sheet; the cells ``merged`` ("A1:F1") are one."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if merged:
        sheet.merge_cells(merged)
    workbook.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """The workbook ``path`` with another ``content`` in the part ``name``."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, before in {**parts, name: b""}.items():
            archive.writestr(part, content if part == name else before)
    return path


def part_of(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)
