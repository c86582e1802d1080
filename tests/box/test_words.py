"""What becomes of the words before they are sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burden.box.words import exposures, normalise

NAMES = {"李伟", "李伟强", "王芳", "陈"}
PLACES = {"第一党支部", "第一支部", "城关站"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("一\r\n二\r三\u2028四\x0b五", "一\n二\n三\n四\n五"),
        ("报\u200b表\ufeff太\u2060多\u202e了", "报表太多了"),
        ("全角ＡＢＣ１２３，半角,混用!真的?(是)", "全角ABC123，半角，混用！真的？（是）"),
        ("3,000 张表,每月(2 次)", "3,000 张表，每月（2 次）"),
        ("  行首\u3000空格  \n\t行尾\u00a0 ", "行首 空格\n行尾"),
        ("段一\n\n\n\n\n段二\n\n", "段一\n\n段二"),
        ("一\x00二\x1b[31m三\ud800四\ue000", "一二[31m三四"),
        ("😀👍🏽好\ufe0f", "😀👍🏽好"),
        ("a\U000e0041\U000e0100b", "ab"),
        ("\u3164\u200d \n", ""),
    ],
)
def test_what_a_reader_cannot_see_is_gone(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@given(st.text(max_size=300))
def test_a_normal_text_stays_as_it_is(typed: str) -> None:
    kept = normalise(typed)
    assert normalise(kept) == kept
    kept.encode("utf-8")
    assert not {"\0", "\r", "\t", "\u200b", "\u202e"} & set(kept)


def found(text: str) -> dict[str, tuple[str, ...]]:
    return {e.what: e.found for e in exposures(text, names=NAMES, places=PLACES)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("每月同一张表报三次，能不能合并。", {}),
        ("李伟强说材料要重做", {"可能是姓名": ("李伟强",)}),
        ("王 芳和李伟都签了", {"可能是姓名": ("王芳", "李伟")}),
        ("李书记和王某某科长都说过，文明办主任也是", {"可能是姓名": ("李书记", "王某某科长")}),
        ("老李、小王和阿陈都说，王姐也说", {"可能是姓名": ("老李", "小王", "王姐")}),
        ("小程序太多，缩小李子园，老方法不行，老赵没说", {}),
        ("第一支部和城关站最多", {"支部或单位的名称": ("第一支部", "城关站")}),
        ("我们支部只有三个人，我站也是", {"说到了您自己或您的单位": ("我们支部", "我站")}),
        ("作为一名组织委员，本人很累", {"说到了您自己或您的单位": ("作为一名组织委员", "本人")}),
        (
            "电话 138 0013 8000 或 0851-85123456",
            {"像是证件号、电话或账号": ("138 0013 8000", "0851-85123456")},
        ),
        ("证件 11010519491231002X", {"像是证件号、电话或账号": ("11010519491231002X",)}),
        ("邮箱 a.b@c.cn，微信:abc_123", {"像是证件号、电话或账号": ("a.b@c.cn", "微信:abc_123")}),
        ("2026年11月报了12345678张", {}),
        ("检查组来我们这里三次", {}),
    ],
)
def test_what_names_the_writer_is_found(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert found(text) == expected


def test_a_long_list_is_cut() -> None:
    names = {f"张某{sign}" for sign in "甲乙丙丁戊己庚"}
    (exposure,) = exposures("".join(sorted(names)), names=names, places=())
    assert len(exposure.found) == 5
