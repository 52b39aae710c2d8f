"""Names as they are stored, and as people type them: a table of pairs that have to meet, and of some that must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.customers.directory.entries import record_of
from bot.customers.search import matches
from bot.domain.directory import Entry, attempts, row_of
from bot.domain.profile import CustomerProfile, ShowType, profile_field
from bot.domain.query import QueryReader, ReadAs

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
CLINIC = "成都峤砚口腔"

MEET = [
    # signs around what is typed
    (CLINIC, "峤砚口腔！"), (CLINIC, "峤砚口腔？"), (CLINIC, "峤砚口腔～"), (CLINIC, "【峤砚口腔】"),
    (CLINIC, "（峤砚口腔）"),
    (CLINIC, "_峤砚口腔_"), (CLINIC, "*峤砚口腔*"), (CLINIC, "~峤砚口腔~"), (CLINIC, "• 峤砚口腔"),
    (CLINIC, "# 峤砚口腔"),
    (CLINIC, "1. 峤砚口腔"), (CLINIC, "2、峤砚口腔"), (CLINIC, "(3) 峤砚口腔"), (CLINIC, "峤砚口腔🎉"),
    (CLINIC, "@峤砚口腔"),
    (CLINIC, "“峤砚口腔”。"), ("Acme Trading", "[Acme]"), ("Acme Trading", "Acme*"),
    # signs inside
    ("买买提·吐尔逊", "买买提•吐尔逊"), ("买买提・吐尔逊", "买买提吐尔逊"), ("古丽米热●艾比布力", "古丽米热·艾比布力"),
    ("买买提·吐尔逊", "maimaitituerxun"), ("买买提·吐尔逊", "mmttex"), ("峤砚（北京）医疗", "峤砚北京"),
    ("峤砚（北京）医疗", "qybj"),
    ("O’Brien贸易", "O'Brien"), ("A.C.M.E.公司", "acme"), ("AT&T中国", "att"), ("3M-中国", "3m中国"),
    ("寻客/自动化", "寻客自动化"),
    # words apart
    ("杭州寻客工业自动化", "寻客 自动化"), ("杭州寻客工业自动化", "自动化 寻客"),
    ("Zhang San Trading", "zhang trading"),
    # titles, who asks, forms of companies
    ("胡效鑫", "胡效鑫先生"), ("胡效鑫", "胡总"), ("胡效鑫", "胡效鑫(经理)"), ("方小姐", "方女士"), ("李建国", "李工"),
    (CLINIC, "帮我查一下峤砚口腔"), (CLINIC, "请查询客户峤砚口腔"), (CLINIC, "峤砚口腔有限公司"),
    (CLINIC, "峤砚口腔集团"),
    ("北京峤砚医疗科技有限公司", "北京峤砚医疗科技"), ("峤砚股份有限公司", "峤砚公司"),
    ("北京峤砚医疗科技有限公司", "峤砚有限公司"),
    (CLINIC, "客户名称：峤砚口腔"), (CLINIC, "请问峤砚口腔的联系方式是什么？"), (CLINIC, "查询峤砚口腔信息，谢谢"),
    (CLINIC, "look up 峤砚口腔"), (CLINIC, "①峤砚口腔"), (CLINIC, "峤砚口腔™"), ("胡效鑫", "老胡"),
    ("胡效鑫", "胡处长"),
    ("张伟", "Mr. Zhang Wei"), ("杭州岚峤精密机械有限公司", "岚峤精密机械（杭州）有限公司"), ("Café Zoë", "cafe zoe"),
    # traditional, simplified, radicals, rare characters
    ("峤砚口腔", "峤硯口腔"), ("華東戶外", "华东户外"), ("户外用品", "戶外用品"), ("黄河", "黃河"), ("吴淞", "吳淞"),
    ("⻓江⻢路", "长江马路"), ("长江马路", "⻓江"), ("𠮷田商事", "吉田"), ("吉田商事", "𠮷田"),
    ("臺灣電子", "台湾电子"), ("鍾书", "钟书"),
    # pinyin
    ("女娲", "nvwa"), ("女娲", "nuwa"), ("女娲", "nyuwa"), ("吕布", "lyubu"), ("吕布", "lvbu"),
    ("万俟建国", "moqijianguo"),
    ("单于建国", "chanyujianguo"), ("乐亭水泥", "laoting"), ("华東水泥", "huadong"),
]  # fmt: skip
DO_NOT_MEET = [
    ("One Two Three Four Five Six Trading", "one two three four five six seven"),
    ("峤砚口腔", "峤砚医院"), ("胡效鑫", "胡建国先生"), ("寻客餐饮", "寻客 自动化"), ("自动化所", "寻客 自动化"),
    ("吕布", "lubei"),
    ("甘雨", "ganlu"),
]  # fmt: skip


def finds(stored: str, typed: str) -> bool:
    """Whether the directory finds a customer of this name by what is typed, or by what is tried then.

    The profile has to confirm what the directory finds.
    """
    search = row_of(record_of(Entry(ID, "CF00000179", stored), b"key")).search
    profile = CustomerProfile(ID, (profile_field("客户名称", stored, ShowType.PLAIN),))
    parsed = QueryReader().parse(typed)
    for query in (*parsed.queries, *parsed.fallbacks):
        if query.read_as is ReadAs.NAME:
            found = any(all(word in search for word in words) for words in attempts(query.identifier))
            assert found == matches(profile, query), "the directory and the profile disagree"
            if found:
                return True
    return False


@pytest.mark.parametrize(("stored", "typed"), MEET)
def test_name_is_found_as_people_type_it(stored: str, typed: str) -> None:
    assert finds(stored, typed)


@pytest.mark.parametrize(("stored", "typed"), DO_NOT_MEET)
def test_another_name_is_not_found(stored: str, typed: str) -> None:
    assert not finds(stored, typed)


SIGNS = st.text(st.sampled_from("！？～。，、：；…—-_*~#@+=|•·（）()[]【】《》“”‘’'\"🎉👍 \u200b"), max_size=4)


@given(SIGNS, SIGNS, st.sampled_from(["峤砚口腔", "Acme", "古丽米热·艾比布力", "3M中国"]))
def test_signs_around_a_name_never_hide_it(before: str, after: str, name: str) -> None:
    assert finds(f"成都{name}有限公司", f"{before}{name}{after}")
