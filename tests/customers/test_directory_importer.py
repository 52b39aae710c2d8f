"""What is read out of a file of customers: every table that offices write, and nothing that is none."""

import random
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import PieChart, Reference

from bot.customers.directory.importer import CustomersRead, LeftOut, read_customers
from bot.domain.directory import Entry
from bot.errors import ImportRefused
from tests.support.spreadsheets import (
    FULL,
    HEADER,
    ID,
    OTHER,
    SECOND,
    Cells,
    csv_file,
    csv_text,
    part_of,
    with_part,
    xlsx_file,
)

ENTRIES = (
    Entry(ID, *FULL[1:4], ("+8613800001001",), ("lan@example.com",)),
    Entry(OTHER, *SECOND[1:4], ("+8657188880000",), ("dianqi@example.com",)),
)
SHEET = "xl/worksheets/sheet1.xml"
Make = Callable[[Path, Sequence[Cells]], Path]
BOTH = pytest.mark.parametrize("make", [csv_file, xlsx_file], ids=["csv", "xlsx"])


def read(path: Path) -> CustomersRead:
    return read_customers(path, lambda _done, _total: None)


def refused(path: Path) -> str:
    with pytest.raises(ImportRefused) as error:
        read(path)
    return str(error.value)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@BOTH
def test_every_customer_is_read(tmp_path: Path, make: Make) -> None:
    assert read(make(tmp_path / "file", [HEADER, FULL, SECOND]))[:3] == (ENTRIES, (), 0)


@BOTH
def test_columns_stand_in_any_order_and_others_mean_nothing(tmp_path: Path, make: Make) -> None:
    rows = [[*reversed(row), "x"] for row in (HEADER, FULL, SECOND)]
    assert read(make(tmp_path / "file", [["备注", *row] for row in rows])).entries == ENTRIES


@BOTH
@pytest.mark.parametrize(
    "header",
    [
        ("customer_id", "customer_number", "name", "contact", "phone", "email"),
        ("Customer_ID", " CUSTOMER_NUMBER", "Name", "Contact:", "Phone ", "Email"),
        ("* 客户ID", "客户 编号：", "客户名称＊", "联系人\n", "\u200b联系电话", "邮箱:"),
        ("客户ＩＤ", "客户编号*", "客户名称", "联系人", "联系电话", "ｅｍａｉｌ"),
    ],
    ids=["English", "any case", "as in forms", "full width"],
)
def test_header_is_understood_in_any_spelling(tmp_path: Path, make: Make, header: Cells) -> None:
    assert read(make(tmp_path / "file", [header, FULL, SECOND])).entries == ENTRIES


@BOTH
def test_two_columns_are_enough(tmp_path: Path, make: Make) -> None:
    assert read(make(tmp_path / "file", [HEADER[:2], FULL[:2]])).entries == (Entry(ID, "CF00000179"),)


@BOTH
def test_header_may_stand_below_a_title(tmp_path: Path, make: Make) -> None:
    path = make(
        tmp_path / "file", [["客户一览", "", ""], [], ["导出日期", "2026-01-01"], HEADER, FULL, ("x", *FULL[1:])]
    )
    assert read(path)[:3] == (ENTRIES[:1], (LeftOut(6, "the customer id is not a GUID"),), 0)


@BOTH
def test_table_without_rows_has_no_customers(tmp_path: Path, make: Make) -> None:
    assert read(make(tmp_path / "file", [HEADER]))[:3] == ((), (), 0)


@BOTH
def test_empty_rows_are_no_rows(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "file", [HEADER, [], ["", " ", ""], FULL, [], SECOND, [], []])
    assert read(path)[:3] == (ENTRIES, (), 0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_csv_is_read_in_every_encoding_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Also where a name, 联通, in GBK looks like UTF-8."""
    assert read(csv_file(tmp_path / "file.csv", [HEADER, FULL, SECOND], encoding, delimiter)).entries == ENTRIES


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_csv_is_read_with_every_line_end(tmp_path: Path, line_end: str) -> None:
    text = csv_text([HEADER, FULL, SECOND]).replace("\r\n", line_end)
    assert read(written(tmp_path / "file.csv", text.encode())).entries == ENTRIES


def test_utf_16_is_read_in_both_orders(tmp_path: Path) -> None:
    text = csv_text([HEADER, FULL, SECOND], "\t")
    content = b"\xfe\xff" + text.encode("utf-16-be")
    assert read(written(tmp_path / "file.txt", content)).entries == ENTRIES


def test_delimiters_in_cells_are_none(tmp_path: Path) -> None:
    header = [*HEADER, "a;b;c\td\te\tf"]
    assert read(csv_file(tmp_path / "file.csv", [header, FULL, SECOND])).entries == ENTRIES


def test_excels_own_line_about_the_delimiter_is_skipped(tmp_path: Path) -> None:
    content = "sep=;\r\n" + csv_text([HEADER, FULL], ";")
    assert read(written(tmp_path / "file.csv", content.encode())).entries == ENTRIES[:1]


def test_quoted_cells_may_hold_everything(tmp_path: Path) -> None:
    """Lines are counted as editors do."""
    named = (*FULL[:2], '杭州"岚峤",\n精密', *FULL[3:])
    read_in = read(csv_file(tmp_path / "file.csv", [HEADER, named, ("x", "CF1")]))
    assert [entry.name for entry in read_in.entries] == ['杭州"岚峤", 精密']
    assert read_in.left_out == (LeftOut(4, "the customer id is not a GUID"),)


def test_short_and_long_rows_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "file.csv", [HEADER, FULL[:2], (*SECOND, "more", "cells")])
    assert read(path).entries == (Entry(ID, "CF00000179"), ENTRIES[1])


@BOTH
@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("13800001001", ["+8613800001001"]),
        ("138 0000 1001", ["+8613800001001"]),
        ("+86 138-0000-1001", ["+8613800001001"]),
        ("13800001001.0", ["+8613800001001"]),
        ("13800001001、13800001002", ["+8613800001001", "+8613800001002"]),
        ("13800001001/13800001002；0571-88880000", ["+8613800001001", "+8613800001002", "+8657188880000"]),
        ("13800001001 13800001002", ["+8613800001001", "+8613800001002"]),
        ("13800001001\n13800001001", ["+8613800001001"]),
        ("-", []),
        ("", []),
    ],
)
def test_cell_may_hold_several_phones(tmp_path: Path, make: Make, cell: str, phones: list[str]) -> None:
    read_in = read(make(tmp_path / "file", [HEADER, (*FULL[:4], cell, "")]))
    assert [list(entry.phones) for entry in read_in.entries] == [phones]
    assert read_in.unreadable == 0


@BOTH
def test_columns_with_one_header_both_count(tmp_path: Path, make: Make) -> None:
    header = [*HEADER, "联系电话", "邮箱", "客户名称"]
    row = [*FULL[:2], "", *FULL[3:], "13800001002", "B@Example.com; lan@example.com", "杭州岚峤"]
    [entry] = read(make(tmp_path / "file", [header, row])).entries
    assert entry.name == "杭州岚峤"
    assert entry.phones == ("+8613800001001", "+8613800001002")
    assert entry.mails == ("lan@example.com", "b@example.com")


@BOTH
@pytest.mark.parametrize(("phone", "mail", "unreadable"), [("1.38E+10", "", 1), ("无", "nobody", 2), ("5", "a@b@c", 2)])
def test_phones_and_mails_that_cannot_be_read_cost_no_customer(
    tmp_path: Path, make: Make, phone: str, mail: str, unreadable: int
) -> None:
    read_in = read(make(tmp_path / "file", [HEADER, (*FULL[:4], phone, mail), SECOND]))
    assert read_in.entries == (Entry(*FULL[:4]), ENTRIES[1])
    assert read_in.unreadable == unreadable


@BOTH
@pytest.mark.parametrize(
    "spelling", [ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f" {ID}\u200b", ID.replace("5", "５")]
)
def test_ids_have_one_spelling(tmp_path: Path, make: Make, spelling: str) -> None:
    assert read(make(tmp_path / "file", [HEADER, (spelling, *FULL[1:])])).entries == ENTRIES[:1]


@BOTH
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", "CF00000180"), "no customer id"),
        (("CF00000180", OTHER), "the customer id is not a GUID"),
        ((OTHER + "0", "CF00000180"), "the customer id is not a GUID"),
        ((OTHER, ""), "no customer number"),
        ((OTHER, "#N/A"), "no customer number"),
        ((OTHER, "C" * 61), "the customer number has more than 60 characters"),
        ((ID, "CF00000179"), "duplicate of line 2"),
        ((ID.upper(), "CF00000180"), "duplicate of line 2, with another number"),
    ],
)
def test_row_that_is_wrong_is_left_out_with_its_line(tmp_path: Path, make: Make, row: Cells, reason: str) -> None:
    read_in = read(make(tmp_path / "file", [HEADER, FULL, row, ["", "", "", "13800001002"]]))
    assert read_in.entries == ENTRIES[:1]
    assert read_in.left_out == (LeftOut(3, reason), LeftOut(4, "no customer id"))


@pytest.mark.parametrize(
    ("make", "guarded"), [(csv_file, "'{}"), (csv_file, '="{}"'), (csv_file, ' ="{}" '), (xlsx_file, "'{}")]
)
def test_guards_of_cells_are_taken_off(tmp_path: Path, make: Make, guarded: str) -> None:
    """They keep Excel from taking a text for a number."""
    rows = [[guarded.format(cell) for cell in row] for row in (HEADER, FULL, SECOND)]
    read_in = read(make(tmp_path / "file", rows))
    assert (read_in.entries, read_in.unreadable) == (ENTRIES, 0)


@BOTH
@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("13800001001.00", "+8613800001001"),
        ("1.3800001001E10", "+8613800001001"),
        ("1.3800001001e+10", "+8613800001001"),
        ("571-88881234", "+8657188881234"),
        ("1088881234", "+861088881234"),
        ("张三13800001001", "+8613800001001"),
        ("13800001001（张三）", "+8613800001001"),
        ("18412348075-7839", "+8618412348075"),
    ],
)
def test_phone_is_read_however_a_program_has_written_it(tmp_path: Path, make: Make, cell: str, phone: str) -> None:
    read_in = read(make(tmp_path / "file", [HEADER, (*FULL[:4], cell)]))
    assert [entry.phones for entry in read_in.entries] == [(phone,)]
    assert read_in.unreadable == 0


@BOTH
@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("手机号", 4), ("手机", 4), ("电话", 4), ("联系方式", 4), ("联系电话2", 4), ("Tel", 4), ("座机", 4),
        ("电子邮箱", 5), ("名称", 2), ("客户名称（必填）", 2), ("客户姓名", 2), ("客户编码", 1), ("联系人姓名", 3),
    ],
)  # fmt: skip
def test_columns_have_the_labels_of_the_crms_fields(tmp_path: Path, make: Make, label: str, column: int) -> None:
    header = [*HEADER[:column], label, *HEADER[column + 1 :]]
    read_in = read(make(tmp_path / "file", [header, FULL, SECOND]))
    assert (read_in.entries, read_in.ignored) == (ENTRIES, ())


@BOTH
def test_columns_that_are_ignored_are_named(tmp_path: Path, make: Make) -> None:
    rows = [["备注", *HEADER, "等级（1-5）"], ["", *FULL, "3"]]
    assert read(make(tmp_path / "file", rows)).ignored == ("备注", "等级(1-5)")


@BOTH
@pytest.mark.parametrize("merged", [False, True], ids=["the id in each row", "merged cells"])
def test_rows_of_one_customer_are_joined(tmp_path: Path, make: Make, merged: bool) -> None:
    more = ("李四", "13900001002", "")
    rows = [HEADER, FULL, ("" if merged else ID, "" if merged else FULL[1], "", *more), SECOND]
    read_in = read(make(tmp_path / "file", rows))
    first = ENTRIES[0]._replace(contact="陈岚、李四", phones=("+8613800001001", "+8613900001002"))
    assert (read_in.entries, read_in.left_out) == ((first, ENTRIES[1]), ())


def sheets(path: Path, **rows_of: tuple[str, Sequence[Cells]]) -> Path:
    """A workbook of sheets, each with its state and its rows."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, (state, rows) in rows_of.items():
        sheet = workbook.create_sheet(title)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_visible_sheet_comes_before_a_hidden_one(tmp_path: Path, state: str) -> None:
    old = (state, [HEADER, (OTHER, *FULL[1:])])
    read_in = read(sheets(tmp_path / "two.xlsx", old=old, now=("visible", [HEADER, FULL])))
    assert (read_in.entries, read_in.sheet) == (ENTRIES[:1], "now")
    read_in = read(sheets(tmp_path / "one.xlsx", notes=("visible", [("nothing",)]), old=old))
    assert (len(read_in.entries), read_in.sheet) == (1, "old")


def test_formulas_without_a_value_are_counted(tmp_path: Path) -> None:
    rows = [HEADER, (ID, "CF00000179", '="a"&"b"', "=1/1", "=13800001001", "")]
    read_in = read(xlsx_file(tmp_path / "file.xlsx", rows))
    assert (read_in.entries, read_in.not_calculated) == ((Entry(ID, "CF00000179"),), 3)


def test_escapes_of_a_workbook_are_read(tmp_path: Path) -> None:
    """openpyxl leaves them as they are."""
    rows = [HEADER, (ID, "CF00000179", "峤砚_x000D_\n口腔", "", "13800001001_x000D_", "")]
    [entry] = read(xlsx_file(tmp_path / "file.xlsx", rows)).entries
    assert (entry.name, entry.phones) == ("峤砚 口腔", ("+8613800001001",))


def test_strict_workbook_is_named(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL])
    book = part_of(path, "xl/workbook.xml")
    strict = book.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    assert strict != book
    assert "Strict Open XML" in refused(with_part(path, "xl/workbook.xml", strict))


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml"])
def test_broken_part_that_holds_no_cell_costs_nothing(tmp_path: Path, part: str) -> None:
    """Programs write styles and properties that openpyxl takes for errors."""
    path = with_part(xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL, SECOND]), part, b"<x><fills><fill/></fills></x>")
    assert read(path).entries == ENTRIES


@BOTH
def test_failed_formulas_are_empty_cells(tmp_path: Path, make: Make) -> None:
    read_in = read(make(tmp_path / "file", [HEADER, (*FULL[:2], "#N/A", "#REF!", "#VALUE!", "#NAME?")]))
    assert (read_in.entries, read_in.unreadable) == ((Entry(*FULL[:2]),), 0)


@BOTH
def test_very_long_cells_are_read(tmp_path: Path, make: Make) -> None:
    long = "岚" * 30_000
    [entry] = read(make(tmp_path / "file", [HEADER, (*FULL[:2], long, long, long, long)])).entries
    assert (len(entry.name), entry.phones) == (255, ())


@pytest.mark.parametrize("number", [13800001001, 13800001001.0])
def test_phones_that_a_sheet_has_as_numbers_stay_exact(tmp_path: Path, number: float) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, (*FULL[:4], number, "")])
    assert read(path).entries[0].phones == ("+8613800001001",)


def test_phone_in_scientific_notation_stays_exact(tmp_path: Path) -> None:
    """As other programs than Excel store it."""
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, (*FULL[:4], 13800001001, "")])
    with_part(path, SHEET, part_of(path, SHEET).replace(b"<v>13800001001</v>", b"<v>1.3800001001E10</v>"))
    assert read(path).entries[0].phones == ("+8613800001001",)


def test_phone_in_a_cell_for_dates_is_a_phone(tmp_path: Path) -> None:
    """Styles are not read. openpyxl would warn of such a date, and its warning shows the phone."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append((*FULL[:4], 13800001001, ""))
    sheet["E2"].number_format = "yyyy-mm-dd"
    workbook.save(tmp_path / "file.xlsx")
    assert read(tmp_path / "file.xlsx").entries[0].phones == ("+8613800001001",)


def test_of_merged_cells_the_first_alone_counts(tmp_path: Path) -> None:
    rows = [["客户一览"], HEADER, FULL, (OTHER, *FULL[1:]), SECOND]
    read_in = read(xlsx_file(tmp_path / "file.xlsx", rows, merged="A1:F1"))
    assert [entry.customer_id for entry in read_in.entries] == [ID, OTHER]
    merged = read(xlsx_file(tmp_path / "merged.xlsx", rows, merged="B3:B4"))
    assert merged.entries == ENTRIES
    assert merged.left_out == (LeftOut(4, "no customer number"),)


def test_first_sheet_with_the_header_is_read(tmp_path: Path) -> None:
    workbook = Workbook()
    for rows in ([["说明"]], [HEADER[1:]], [[""], HEADER, FULL], [HEADER, SECOND]):
        sheet = workbook.create_sheet()
        for row in rows:
            sheet.append(row)
    chart = PieChart()
    chart.add_data(Reference(workbook.worksheets[3], min_col=1, min_row=1, max_row=2))
    workbook.create_chartsheet("图", 0).add_chart(chart)
    workbook.save(tmp_path / "file.xlsx")
    assert read(tmp_path / "file.xlsx").entries == ENTRIES[:1]


@pytest.mark.parametrize("said", [b'ref="A1"', b'ref="A1:B2"', b'ref="A1:XFD1048576"'])
def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path, said: bytes) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL, SECOND])
    with_part(path, SHEET, part_of(path, SHEET).replace(b'ref="A1:F3"', said))
    assert read(path).entries == ENTRIES


def test_cell_that_claims_to_stand_far_away_costs_nothing(tmp_path: Path) -> None:
    """openpyxl would fill the row up to there."""
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL])
    with_part(path, SHEET, part_of(path, SHEET).replace(b'r="F2"', b'r="XFD2"'))
    assert read(path).entries == (ENTRIES[0]._replace(mails=()),)


def test_row_that_claims_to_stand_far_away_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """openpyxl would fill the sheet up to there."""
    monkeypatch.setattr("bot.customers.directory.spreadsheet.xlsx_file.LAST_LINE", 10_000)
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL])
    with_part(path, SHEET, part_of(path, SHEET).replace(b'<row r="2"', b'<row r="4000000000"'))
    assert refused(path) == "line 10001: no sheet has so many lines"


def test_formulas_have_their_last_values(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, (*FULL[:4], "=13800001000+1", "=A1")])
    content = part_of(path, SHEET).replace(b"</f><v />", b"</f><v>13800001001</v>", 1)
    assert read(with_part(path, SHEET, content)).entries == (ENTRIES[0]._replace(mails=()),)


def test_reading_is_watched(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "file.csv", [HEADER, *([(ID, "CF1")] * 2_500)])
    watched: list[tuple[int, int | None]] = []
    read_customers(path, lambda done, total: watched.append((done, total)))
    assert watched == [(1_000, 2_501), (2_000, 2_501)]


UNCLOSED = csv_text([HEADER, FULL]) + f'{OTHER},"CF00000180,宁波\n{ID},CF3\n'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf \r\n", "the file is empty", id="blank"),
        pytest.param(b"%PDF-1.7\n...", "it is a PDF: save the table as .xlsx or .csv", id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "it is a picture: the table is needed as .xlsx or .csv", id="PNG"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "it is an old .xls, or has a password: save it as .xlsx or .csv without one",
            id="old or encrypted",
        ),
        pytest.param(b"\n<html><table><tr><td>id</td>", "it is a web page: save the table as .xlsx or .csv", id="HTML"),
        pytest.param(b"a\n\0b", "line 2: it is no text", id="a zero byte"),
        pytest.param(
            "客户id,客户编号\n一二三四\n".encode() + b"\xff\n",
            "line 3: it is no text in UTF-8, UTF-16 or GB18030",
            id="damaged UTF-8",
        ),
        pytest.param(b"\xff\xfea\0b", "line 1: it is no text in UTF-8, UTF-16 or GB18030", id="cut UTF-16"),
        pytest.param(b"\xff\xff\n", "line 1: it is no text in UTF-8, UTF-16 or GB18030", id="bytes"),
        pytest.param(
            csv_text([FULL, SECOND]).encode(),
            "the first 10 lines have no header with 客户id (customer_id) and 客户编号 (customer_number)",
            id="no header",
        ),
        pytest.param(
            csv_text([["陈岚", "联系电话", "13800001001"], HEADER[2:], FULL[2:]]).encode(),
            "line 2: there is no column 客户id (customer_id) and 客户编号 (customer_number), "
            "only 客户名称, 联系人, 联系电话, 邮箱",
            id="both columns missing",
        ),
        pytest.param(
            csv_text([["客户id", "编号2", "客户名称"], FULL[:3]], ";").encode(),
            "line 1: there is no column 客户编号 (customer_number), only 客户id, 客户名称",
            id="a column missing",
        ),
        pytest.param(
            csv_text([["客户id", "客户编号", "Customer_Number"], FULL[:3]]).encode(),
            "line 1: more than one column is 客户编号 (customer_number)",
            id="a column twice",
        ),
        pytest.param(
            UNCLOSED.encode(),
            "line 3: a quote is never closed, stands where none can, or holds far too much",
            id="a quote that is never closed",
        ),
        pytest.param(
            UNCLOSED.encode() + b"x\n" * 200_000,
            "line 3: a quote is never closed, stands where none can, or holds far too much",
            id="much behind a quote",
        ),
        pytest.param(
            csv_text([HEADER]).encode() + b'"a"b,c\n',
            "line 2: a quote is never closed, stands where none can, or holds far too much",
            id="a wrong quote",
        ),
        pytest.param(csv_text([HEADER]).encode() + b"a" * 1_000_001, "line 2: the line is too long", id="a long line"),
    ],
)
def test_what_is_no_table_is_refused_with_line_and_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    """Nothing that stands in the file is printed."""
    assert refused(written(tmp_path / "file.csv", content)) == reason


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == "it is no file"
    assert refused(tmp_path / "none.csv") == "the file cannot be read: No such file or directory"
    assert refused(tmp_path / ("x" * 5_000)) == "the file cannot be read: File name too long"
    assert refused(Path("/dev/zero")) == "it is no file"


def test_large_files_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_file(tmp_path / "file.csv", [HEADER, FULL])
    with path.open("r+b") as file:
        file.truncate(200_000_001)
    assert refused(path) == "the file is larger than 200 MB"
    monkeypatch.setattr("bot.customers.directory.importer.MAX_ROWS", 2)
    path = csv_file(tmp_path / "file.csv", [HEADER, [], FULL, FULL, FULL])
    assert refused(path) == "line 5: there are more than 2 rows"


def zipped(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("parts", "kind"), [({}, "KeyError"), ({"word/document.xml": b"<a/>"}, "KeyError")], ids=["empty", "of others"]
)
def test_zip_that_is_no_workbook_is_refused(tmp_path: Path, parts: dict[str, bytes], kind: str) -> None:
    path = zipped(tmp_path / "file.xlsx", **parts)
    assert refused(path) == f"it cannot be read as an XLSX workbook ({kind})"


def test_workbook_that_is_cut_is_refused(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL])
    path.write_bytes(path.read_bytes()[:-500])
    assert refused(path) == "it cannot be read as an XLSX workbook (BadZipFile)"


def test_sheet_that_breaks_off_is_refused_with_its_line(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, *([FULL] * 3_000)])
    sheet = part_of(path, SHEET)
    with_part(path, SHEET, sheet[: len(sheet) // 2])
    assert re.fullmatch(r"line 15\d\d: it cannot be read as an XLSX workbook \(ParseError\)", refused(path))


def test_workbook_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [["客户一览"], HEADER[1:], FULL[1:]])
    assert refused(path).startswith("line 2: there is no column 客户id (customer_id), only 客户编号, ")
    path = xlsx_file(tmp_path / "file.xlsx", [["客户id", *HEADER], ["", *FULL]])
    assert refused(path) == "line 1: more than one column is 客户id (customer_id)"
    path = xlsx_file(tmp_path / "file.xlsx", [])
    assert refused(path).startswith("the first 10 lines have no header with ")


def test_zip_bombs_are_refused_unpacked(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL])
    with_part(path, "xl/media/image1.png", bytes(2_000_000))
    assert refused(path) == "it is packed too tightly to be a workbook"
    with_part(path, "xl/media/image1.png", b"")
    assert read(path).entries == ENTRIES[:1]


def test_workbooks_that_would_be_huge_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.customers.directory.spreadsheet.xlsx_file.MAX_UNPACKED_BYTES", 10_000)
    assert refused(xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL])) == "unpacked it would be larger than 1 GB"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/a.bin"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(tmp_path: Path, part: str, encoding: str) -> None:
    """Their entities unfold to gigabytes, or name other files."""
    path = xlsx_file(tmp_path / "file.xlsx", [HEADER, FULL])
    xml = f'<?xml version="1.0" encoding="{encoding}"?><!-- {"~" * 100_000} -->{BOMB}<x>&l8;</x>'
    with_part(path, part, xml.encode(encoding))
    assert refused(path) == "it holds an XML document type, which no workbook has"


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """``whole``, cut and with some bytes changed."""
    content = bytearray(whole[: draw(st.integers(0, len(whole)))])
    for _ in range(draw(st.integers(0, 4)) if content else 0):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


READ_OR_REFUSED = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def hold_to_the_rule(path: Path) -> None:
    """Nothing else is raised, and what is refused is so in a line that tells nothing of the file."""
    reason = ""
    try:
        assert all(len(entry.customer_id) == 36 for entry in read(path).entries)
    except ImportRefused as error:
        reason = str(error)
    assert "\n" not in reason
    assert not any(secret in reason for secret in (*FULL[2:], *SECOND[2:]))


@READ_OR_REFUSED
@given(content=st.one_of(st.binary(), st.text().map(str.encode), st.binary().map(lambda rest: b"PK\x03\x04" + rest)))
def test_any_bytes_are_read_or_refused(directory: Path, content: bytes) -> None:
    hold_to_the_rule(written(directory / "file.csv", content))


@READ_OR_REFUSED
@given(
    content=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    .map(csv_text([HEADER, FULL, SECOND]).encode)
    .flatmap(damaged)
)
def test_any_damaged_csv_is_read_or_refused(directory: Path, content: bytes) -> None:
    hold_to_the_rule(written(directory / "file.csv", content))


@READ_OR_REFUSED
@given(rows=st.lists(st.lists(st.text(max_size=20), max_size=8), max_size=12), delimiter=st.sampled_from(",;\t"))
def test_any_table_is_read_or_refused(directory: Path, rows: list[list[str]], delimiter: str) -> None:
    """With the header it is always read, in each encoding alike."""
    text = csv_text([HEADER, *rows], delimiter).encode("utf-8", "replace").replace(b"\0", b"")
    utf_8 = read(written(directory / "file.csv", text))
    gb18030 = read(written(directory / "file.csv", text.decode().encode("gb18030")))
    utf_16 = read(written(directory / "file.csv", text.decode().encode("utf-16")))
    assert utf_8 == gb18030 == utf_16


@pytest.fixture(scope="module")
def workbook(directory: Path) -> bytes:
    return xlsx_file(directory / "whole.xlsx", [HEADER, FULL, SECOND]).read_bytes()


@READ_OR_REFUSED
@given(data=st.data(), name=st.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]))
def test_any_workbook_with_a_damaged_part_is_read_or_refused(
    directory: Path, workbook: bytes, data: st.DataObject, name: str
) -> None:
    path = written(directory / "file.xlsx", workbook)
    hold_to_the_rule(with_part(path, name, data.draw(damaged(part_of(path, name)))))


@READ_OR_REFUSED
@given(data=st.data())
def test_any_damaged_workbook_is_read_or_refused(directory: Path, workbook: bytes, data: st.DataObject) -> None:
    hold_to_the_rule(written(directory / "file.xlsx", data.draw(damaged(workbook))))


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [(f"00000000-0000-4000-8000-{number:012}", f"CF{number:08}") for number in range(300)]
    shuffled = random.Random(1).sample(rows, len(rows))
    one = read(csv_file(tmp_path / "one.csv", [HEADER[:2], *rows]))
    other = read(csv_file(tmp_path / "other.csv", [HEADER[:2], *shuffled]))
    assert set(one.entries) == set(other.entries)
    assert len(one.entries) == 300
