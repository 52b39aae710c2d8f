"""What is private in a text, and what only looks like it: two tables of remarks as service staff write them."""

import pytest

from benchmarks.masking import DISGUISED, LETTERED, OFFICIAL, PLAIN, PROMISED, Kind, is_hidden, is_kept, remarks
from bot.privacy.masking import without_codes, without_contacts

HARMLESS = [
    "192.168.100.20", "172.16.100.20",
    "GB 5749-2006", "中通 73112345678901", "配件 10102030405", "读数 00012345", "第 1234567 次",
    "A@2.0版", "3-2-1501室", "1.28亿元",
    "预约2023-03-07 09:00-11:00", "3月7日下午2点到5点", "2023.3.7-2024.3.6质保", "质保期：2022/1/1至2025/12/31",
    "安装日期20220105，保修至20250104", "8:30~17:30", "周一至周五 09:00-18:00", "合同金额：¥1,280,000.00",
    "尾款12800元未付", "共计3,500.00", "价格1280000", "人民币壹佰万元整", "1200×800×600mm", "1200*800*600",
    "Φ100*2000", "DN50 PN16", "380V 50Hz 15kW", "0.6MPa 1.5m³/h", "温度-20℃~60℃", "固件版本 2.13.4.20230307",
    "软件V3.2.1(build 20230307)", "IP 192.168.1.100 端口8080", "192.168.1.1/24", "255.255.255.0",
    "MAC 00:1A:2B:3C:4D:5E", "GB/T 17219-1998", "ISO9001", "湿度65%RH", "数量1000个,500套",
    "步骤1.检查 2.更换 3.测试 4.清洗 5.复位 6.记录 7.签字", "1/2/3/4/5/6/7号机", "客户CF00000179设备CE00000154",
    "工单GD20230101001已完成", "合同编号HT-2023-00128", "合同号:XS20230307001", "SN:LPR30-20230042",
    "序列号 HW2023030700123", "零件号 6ES7214-1AG40-0XB0", "料号 10020030040", "型号KFR-35GW/(35592)FNhAa-A3",
    "订单号 202304223452948378", "淘宝单号3439492672795548021", "快递单号 SF1234567890123", "顺丰SF1234567890123",
    "运单号:773012345678901", "圆通YT1234567890123", "邮编310012", "浙江省杭州市西湖区文三路478号3幢2单元1801室",
    "坐标 120.123456,30.123456", "北纬30.123456 东经120.123456", "11栋1-1201", "地铁1、2、3、4、5号线",
    "2023-2024学年", "二期(2022-2023)", "读数 30543,31638", "电表读数:123456.78", "用水量 1234567 吨",
    "产量1500000件", "运行12345小时", "进水TDS 325 出水TDS 12", "3.15/6.18/11.11活动", "微信群@所有人", "3个@120元",
    "条码6901234567892", "IMEI 861234567890123", "批号20230307A01", "发票号码 12345678", "发票代码 033002100211",
    "ICCID 89860012345678901234", "容量 5000-10000mAh", "13:00-15:00，16:00-18:00", "2023-03-07T09:12:33.000+08:00",
    "03/07/2023 09:12", "2023年3月7日09:12:33", "上午9:00—11:30", "误差±0.05", "1:1000", "16:9 1920x1080",
    "1920*1080@60Hz", "CPU 2.4GHz*8", "螺丝M8*50 共200颗", "4-20mA 0-10V",
]  # fmt: skip
"""Dates, times, periods, amounts, sizes, ratings, versions, addresses, orders, parts, places, quantities."""
PRIVATE = [
    "130.100.100.10", "一三八 零零零零 幺零零幺", "13八0000 1001", "fang AT qq DOT com",
    "fang圈qq.com", "微 信: wang2020", "wechat id wang2020", "扣扣 123456",
    "185**1234**9953", "wang.wu    @    secret-mail.test", "13800001001元",
    "手机幺三八0000一零零一", "粤Z1234港", "Z683365（A）",
    "联系方式是1 3 8 0 0 0 0 1 0 0 1", "138 0000 1001", "138-0000-1001", "手机：13800001001（王）",
    "１３８００００１００１", "13800001001/13900002002", "电话138——0000——1001", "138.0000.1001", "138_0000_1001",
    "(138)00001001", "+86-138-0000-1001", "0571-88881234转801", "0571 8888 1234", "057188881234", "88881234",
    "8888-1234", "400-800-1234", "4008001234", "+852 6123 4567", "+1 (415) 555-2671", "fang@example.com",
    "FANG@EXAMPLE.COM", "邮箱fang.li@mail.example.com.cn", "fang(at)example.com", "fang#example.com",
    "fang艾特example.com", "fang at example dot com", "11010519491231002X", "110105 19491231 002X",
    "1101051949123100 2X", "330106199003071234", "身份证330106199003071239", "110105491231002", "6222021234567890128",
    "6222 0212 3456 7890 128", "6222-0212-3456-7890-128", "卡号 6222021234567890123", "账号33050161234567890123",
    "对公账户：1202 0212 1990 0123 456", "开户行及账号：工行杭州分行 1202021219900123456", "税号91330106MA2XXXXX0X",
    "91110108339719567A", "9111 0108 3397 1956 7A", "统一社会信用代码91110108339719567B", "E12345678",
    "护照G12345678", "港澳通行证H12345678", "A123456(7)", "QQ 123456789", "QQ:12345", "微信号wang_2020",
    "微信wxid_abc12345", "加V：abc12345", "浙A12345", "浙A·D12345", "车牌沪C8888挂", "幺三八零零零零幺零零幺",
    "一三八〇〇〇〇一〇〇一", "138零零零零1001", "138OOOO1OO1", "I38OOOOlOOl", "138转0000转1001",
    "前三位138后面是00001001", "138、0000、1001", "138 0000", "打张三的13800001001或李四的13900002002", "短号661234",
    "138****1001 13800001001", "①③⑧〇〇〇〇①〇〇①", "❶❸❽⓿⓿⓿⓿❶⓿⓿❶", "139-1234-5678（微信同号）", "wx:13800001001",
    "座机8888 1234", "86-571-88881234", "00862188881234", "台湾 0912-345-678", "+886 912 345 678",
    "公司电话（0571）8888-1234-801",
]  # fmt: skip
"""Phones, mail addresses, official numbers, accounts, plates, in every spelling and in disguise."""


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_kept_for_the_asker_and_in_channels(text: str) -> None:
    assert without_codes(text) == text
    assert without_contacts(text) == text


@pytest.mark.parametrize("text", PRIVATE)
def test_private_part_is_hidden_in_channels(text: str) -> None:
    shown = without_contacts(text)
    assert shown != text
    assert "*" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("安装日期2023-01-02~2020-09-25，电话13800001001", "安装日期2023-01-02~2020-09-25,电话138****1001"),
        ("客户邮箱是fang@example.com请尽快回复", "客户邮箱是f***@example.com请尽快回复"),
        ("金额1234567.00元，账号33050161234567890123", "金额1234567.00元,账号330****0123"),
        ("订单号3439492672795548021 联系13800001001转8001", "订单号3439492672795548021 联系138****8001"),
        ("微信wang_2020，车牌浙A12345", "微信****,车牌****"),
        ("1、2、3、4、5、6、7 号机，13800001001、13900002002", "1、2、3、4、5、6、7 号机,138****2002"),
    ],
)
def test_only_what_is_private_is_masked(text: str, shown: str) -> None:
    assert without_contacts(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("账号12345678，电话13800001001", "账号****,电话13800001001"),
        ("支付宝账号 13800001001", "支付宝账号 13800001001"),
        ("收款日期 2023-03-07 10:00", "收款日期 2023-03-07 10:00"),
        ("身份证330106199003071239", "身份证330****1239"),
        ("统一社会信用代码9111O108339719567A", "统一社会信用代码911****567A"),
        ("读数30543 31638 3192 93156", "读数30543 31638 3192 93156"),
        ("2021.01.06—2025.03.24", "2021.01.06—2025.03.24"),
    ],
)
def test_asker_sees_all_but_accounts_and_official_numbers(text: str, shown: str) -> None:
    assert without_codes(text) == shown


def test_label_says_that_a_number_is_an_account() -> None:
    assert without_codes("工行 1202021219900123456", names_an_account=True) == "工行 120****3456"
    assert without_codes("工行 1202021219900123456") == "工行 1202021219900123456"
    assert without_codes("财务 13800001001", names_an_account=True) == "财务 13800001001"


def share(kinds: tuple[Kind, ...], right: int) -> float:
    return right / sum(1 for kind in kinds for _ in remarks(kind))


def test_figures_that_are_promised_hold() -> None:
    """Of made-up remarks of every kind; the benchmark prints each kind."""
    hidden = {
        kinds: sum(is_hidden(each, without_contacts(each.text)) for kind in kinds for each in remarks(kind))
        for kinds in (PROMISED, DISGUISED)
    }
    assert share(PROMISED, hidden[PROMISED]) == 1
    assert share(DISGUISED, hidden[DISGUISED]) >= 0.8
    kept = {
        kinds: sum(is_kept(each, without_contacts(each.text)) for kind in kinds for each in remarks(kind))
        for kinds in (PLAIN, LETTERED)
    }
    assert share(PLAIN, kept[PLAIN]) >= 0.98
    assert share(LETTERED, kept[LETTERED]) >= 0.85
    masked = sum(is_hidden(each, without_codes(each.text)) for kind in OFFICIAL for each in remarks(kind))
    assert share(OFFICIAL, masked) >= 0.97
    harmless = (*PLAIN, *LETTERED)
    assert (
        share(harmless, sum(is_kept(each, without_codes(each.text)) for kind in harmless for each in remarks(kind)))
        >= 0.999
    )
