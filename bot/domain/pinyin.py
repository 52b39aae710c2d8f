"""How a Chinese name is typed on a phone: in pinyin, or by the first letter of each of its characters."""

import os
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

MAX_CHARACTERS: Final = 64
"""Of a name: more of it is not typed."""
MAX_VARIANTS: Final = 8
"""Of the pinyin of a name, and of its initials: three of its characters may be read in two ways each."""

_SEVERAL_READINGS: Final = """
    重 chong zhong|长 chang zhang|厦 xia sha|行 hang xing|乐 le yue lao|朝 chao zhao|单 shan dan chan|曾 zeng ceng
    解 xie jie|仇 qiu chou|查 zha cha|区 qu ou|翟 zhai di|覃 tan qin|尉 wei yu|朴 piao pu|柏 bai bo|盛 sheng cheng
    晟 sheng cheng|缪 miao mou|薄 bo bao|宿 su xiu|都 du dou|盖 gai ge|种 zhong chong|召 zhao shao|莘 shen xin
    郗 xi chi|隗 wei kui|折 zhe she|繁 fan po|秘 mi bi|牟 mou mu|黑 hei he|郇 xun huan|卜 bu bo|谌 chen shen
    颉 jie xie|殷 yin yan|员 yuan yun|澄 cheng deng|纪 ji|阚 kan|乜 nie|佛 fo fu|会 hui kuai|传 chuan zhuan
    调 diao tiao|弹 dan tan|校 xiao jiao|藏 cang zang|系 xi ji|便 bian pian|降 jiang xiang|参 can shen|差 cha chai
    称 cheng chen|角 jiao jue|劲 jin jing|卡 ka qia|壳 ke qiao|率 lü shuai|绿 lü lu|落 luo la|模 mo mu|屏 ping bing
    色 se shai|什 shi shen|省 sheng xing|熟 shu shou|提 ti di|纤 xian qian|巷 xiang hang|削 xue xiao|轧 zha ya
    幢 zhuang chuang|伽 jia qie|拓 tuo ta|车 che ju|给 gei ji|蚌 beng bang|番 fan pan|六 liu lu|阿 a e|铅 qian yan
    尾 wei yi|堡 bao pu bu|埔 pu bu|圩 wei xu|泊 bo po|浒 hu xu|万 wan mo|俟 si qi|澹 dan tan|能 neng nai|佴 nai er
    贠 yun|粘 zhan nian|句 ju gou|祭 ji zhai|浚 jun xun|洞 dong tong|宕 dang tan|枞 cong zong|犍 jian qian|筠 yun jun
    沌 dun zhuan|涌 yong chong|还 huan hai|曝 pu bao|涡 wo guo|泷 long shuang|茜 qian xi|娜 na nuo|露 lu lou
    说 shuo yue|峤 qiao jiao
"""
"""Simplified characters of names, places and trades that are read in several ways, or not as the dictionary's first.

The dictionary has several readings of most characters, and nearly all of them occur in old books alone.
"""
_READINGS: Final = {
    character: tuple(readings)
    for character, *readings in map(str.split, _SEVERAL_READINGS.strip().replace("\n", "|").split("|"))
}
_SWITCHES: Final = ("PYPINYIN_NO_PHRASES", "PYPINYIN_NO_DICT_COPY")
_loading: Final = threading.Lock()


def spellings(name: str) -> tuple[str, ...]:
    """The pinyin of ``name`` without tones, then its initials, in all likely variants; () if it is not Chinese.

    Its characters are simplified. Other characters stay as they are. ü is written as it is. Any thread may call this.
    """
    if name.isascii():
        return ()
    readings = [_readings_of(character) for character in name[:MAX_CHARACTERS]]
    initials = [tuple(reading[0] for reading in of_one) for of_one in readings]
    spelt = dict.fromkeys([*_variants(readings), *_variants(initials)])
    return tuple(spelling for spelling in spelt if spelling != name)


@cache
def _readings_of(character: str) -> tuple[str, ...]:
    if character.isascii():
        return (character,)
    return _READINGS.get(character) or (_lazy_pinyin()(character)[0].replace("v", "ü"),)


@cache
def _lazy_pinyin() -> Callable[[str], list[str]]:
    """The function of pypinyin, imported when first needed: 50 ms and 12 MB without its phrases, 58 MB with them.

    Only environment variables switch the phrases off, and pypinyin reads them while it is imported.
    """
    with _loading:  # the environment is one for all threads
        before = {name: os.environ.get(name) for name in _SWITCHES}
        os.environ.update(dict.fromkeys(_SWITCHES, "true"))
        try:
            from pypinyin import lazy_pinyin
        finally:
            for name, value in before.items():
                del os.environ[name]
                if value is not None:
                    os.environ[name] = value
    return lazy_pinyin


def _variants(choices: Sequence[Sequence[str]]) -> list[str]:
    """Joined choices, at most MAX_VARIANTS: the first of each first, then those that differ early in the name."""
    variants = [""]
    for of_one in choices:
        longer = [begun + choice for choice in of_one for begun in variants]
        variants = list(dict.fromkeys(longer))[:MAX_VARIANTS]
    return variants
