"""How Chinese names are typed: pinyin and initials, with the readings that names have, loaded when first needed."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.pinyin import MAX_CHARACTERS, MAX_VARIANTS, spellings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("胡效鑫", ["huxiaoxin", "hxx"]),
        ("重庆峡岚火锅", ["chongqingxialanhuoguo", "zhongqingxialanhuoguo", "cqxlhg", "zqxlhg"]),
        ("厦门", ["xiamen", "shamen", "xm", "sm"]),
        ("单雄", ["shanxiong", "danxiong", "sx", "dx"]),
        ("曾琪", ["zengqi", "cengqi", "zq", "cq"]),
        ("解放", ["xiefang", "jiefang", "xf", "jf"]),
        ("重庆长安银行", ["cqcayh", "zqcayh", "cqzayx", "chongqingchanganyinhang"]),
        ("长沙", ["changsha", "cs"]),
        ("成都", ["chengdu", "cd"]),
        ("佛山", ["foshan", "fs"]),
        ("翟", ["zhai", "di", "z", "d"]),
        ("吕女士", ["lünüshi", "lns"]),
        ("女娲", ["nüwa"]),
        ("万俟建国", ["moqijianguo", "mqjg"]),
        ("单于建国", ["chanyujianguo"]),
        ("澹台明", ["tantaiming"]),
        ("祭", ["zhai"]),
        ("乐亭", ["laoting"]),
        ("浚县", ["xunxian"]),
        ("洪洞", ["hongtong"]),
        ("宕昌", ["tanchang"]),
        ("枞阳", ["zongyang"]),
        ("犍为", ["qianwei"]),
        ("筠连", ["junlian"]),
        ("沌口", ["zhuankou"]),
        ("东涌", ["dongchong"]),
        ("吴堡", ["wubu"]),
        ("bosch中国3厂", ["boschzhongguo3chang", "boschzg3c"]),
    ],
)
def test_a_name_is_typed_as_it_is_read_or_by_its_initials(name: str, typed: list[str]) -> None:
    """With other readings of its characters where names have them."""
    assert set(typed) <= set(spellings(name))


def test_the_likeliest_reading_stands_first() -> None:
    assert spellings("厦门")[0] == "xiamen"


@pytest.mark.parametrize("name", ["", "acme", "CF00000179", "1"])
def test_what_is_not_chinese_has_no_spellings(name: str) -> None:
    assert spellings(name) == ()


def test_readings_that_stand_in_old_books_alone_are_left_out() -> None:
    """The dictionary reads 机 as wei too, 广 as an and 有 as wei."""
    assert spellings("广有机厂") == ("guangyoujichang", "gyjc")


def test_a_name_of_many_readings_has_so_many_spellings() -> None:
    """Those of its first characters, by which it is typed."""
    spelt = spellings("单曾解仇查区翟覃")
    assert len(spelt) == 2 * MAX_VARIANTS
    assert {"szxqzqzt", "dzxqzqzt", "czxqzqzt", "scxqzqzt"} <= set(spelt)


def test_no_more_of_a_name_is_spelt_than_anybody_types() -> None:
    assert max(map(len, spellings("胡" * 10_000))) == MAX_CHARACTERS * len("hu")


@given(st.text(max_size=100))
@example("\u4dff〇𠀀ê\ud800\U000323b0")
def test_any_name_can_be_spelt(name: str) -> None:
    spelt = spellings(name)
    assert len(spelt) == len(set(spelt)) <= 2 * MAX_VARIANTS
    assert "" not in spelt
    assert name not in spelt


def test_pypinyin_is_loaded_when_first_needed_and_without_its_phrases() -> None:
    """Its phrases take 44 MB. What tells it so is not left in the environment, where the operator has a say too."""
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
os.environ["PYPINYIN_NO_DICT_COPY"] = "as it was"
import bot.app
from bot.domain.pinyin import spellings
spellings("acme")
print("pypinyin" in sys.modules)
spellings("胡")
print("pypinyin" in sys.modules, "pypinyin.phrases_dict" in sys.modules)
print(os.environ.get("PYPINYIN_NO_PHRASES"), os.environ["PYPINYIN_NO_DICT_COPY"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.splitlines() == ["False", "True False", "None as it was"]
