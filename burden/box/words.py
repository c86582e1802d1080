"""What happens to the words of a letter before it is sealed; pure, nothing is kept.

`normalise` takes away what a reader cannot see but a comparison of copies can: invisible signs,
different spaces, full-width and half-width twins. `exposures` finds what names the writer.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HAN = "\u3400-\u9fff"
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
_WIDE = str.maketrans(",;:!?()", "，；：！？（）")
_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}])[,;:!?()]+|[,;:!?()]+(?=[{_HAN}])")
# A stop after a bracket or a quotation mark in Chinese text.
_AFTER_CLOSE = re.compile(r"(?<=[）”》])[,;:!?]+")
_MOST_SHOWN = 5  # a list longer than that is not read


@dataclass(frozen=True)
class Exposure:
    """One reason to look again: what it is, the words found, and what would be safer."""

    what: str
    found: tuple[str, ...]
    advice: str


def normalise(text: str) -> str:
    """NFKC, one kind of line end and space, no invisible or direction signs, punctuation of one width."""
    plain = re.sub(r"\r\n?|[\u0085\u2028\u2029\x0b\x0c]", "\n", text)
    plain = unicodedata.normalize("NFKC", plain).replace("\t", " ")
    plain = "".join(sign for sign in plain if sign == "\n" or _is_seen(sign))
    plain = _AFTER_CLOSE.sub(_widened, _BESIDE_HAN.sub(_widened, plain))
    plain = re.sub(r" +", " ", plain)
    plain = re.sub(r" ?\n ?", "\n", plain)
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def _is_seen(sign: str) -> bool:
    """Zero-width, bidi, tag and control signs, halves of pairs and variation selectors are not."""
    if sign in _INVISIBLE or "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef":
        return False
    return not unicodedata.category(sign).startswith("C")


def _widened(found: re.Match[str]) -> str:
    return found.group().translate(_WIDE)


# What people write of themselves: “我站”, “我们支部”, “本人是支委”.
_PLACE = (
    "(?:党?支部|党总支|党委|党小组|站|所|局|队|班组?|组|科室?|股|处|部门|单位|中心|公司|办公室|分公司|片区)"
)
_OWN = (
    re.compile(rf"(?:我们?|咱们?|俺们?)(?:这个?|那个?|的)?[{_HAN}]{{0,4}}?{_PLACE}"),
    re.compile(rf"本{_PLACE}"),
    re.compile("本人|笔者"),
    re.compile(rf"(?:我|本人)(?:是|担任|兼任|兼|负责|分管|作为)[{_HAN}]{{1,8}}"),
    re.compile(rf"作为(?:一名|一个|一位)?[{_HAN}]{{0,6}}(?:书记|委员|站长|所长|队长|组长|主任|科长|员工?)"),
)
_NUMBERS = (
    # 18 digits of an id card, a mobile or fixed phone, an e-mail address, an account of a chat programme.
    re.compile(
        r"(?<!\d)\d{6}[ -]?(?:18|19|20)\d{2}[ -]?[01]\d[ -]?[0-3]\d[ -]?\d{3}[ -]?[\dXx](?![\dA-Za-z])"
    ),
    re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),
    re.compile(r"(?<!\d)0\d{2,3}[ -]?[2-8]\d{6,7}(?!\d)"),
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII),
    re.compile(r"(?:QQ|qq|微信|工号|员工号|编号)号?[:： ]*[A-Za-z0-9_-]{4,}"),
)
# “李书记”: nobody's name on the roster, and still one person.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪"
    "田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_TITLES = (
    "(?:书记|主任|主席|站长|所长|队长|组长|局长|科长|处长|经理|厂长|委员|部长|干事|师傅|总(?!体|是|结|支|部))"
)
_CALLED = (re.compile(rf"[{_SURNAMES}](?:某{{0,2}}|[{_HAN}]){_TITLES}"),)
# “老李”, “小王”, “张姐”: by surnames of the roster alone, for 小程 and 老方 also begin ordinary words.
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "司徒", "东方")
_NOT_BEFORE = "大缩减从中弱狭矮渺较太微细最幼短养敬古元父长赡"
_ORDINARY = (
    "康|于|程序|任务|范围|方[面案法式便子块]|项|金[库额]|毛病|龙虾|石[子头块]|高[峰层潮]|马[拉路]|白[菜板]|黄[牛车]|"
    "单[位子]|时|车|路|计|常识|文[件章字]|成[本果绩]|包|米|安[排全]|季|平[房台]|段[子落]|田[块地]|组|数|党|师|年|区|干|"
    "同|乡|余额|钱"
)
_NAMES = Exposure("可能是姓名", (), "写了谁的名字，别人容易猜到是谁写的。可以改成“有人”“有关同志”。")
_PLACES = Exposure("支部或单位的名称", (), "人少的支部一看就能猜到。可以改成“有的支部”“基层站点”。")
_IDS = Exposure("像是证件号、电话或账号", (), "这里不需要联系方式。请删掉。")
_SELF = Exposure("说到了您自己或您的单位", (), "可以改成“有的支部”“有的岗位”，意思不变。")


def exposures(text: str, *, names: Iterable[str], places: Iterable[str]) -> list[Exposure]:
    """What in a normalised text may tell who wrote it. `names` of people, `places`: organisations."""
    found = (
        (_NAMES, _people(text, set(names))),
        (_PLACES, _known(text, places)),
        (_IDS, _matching(text, _NUMBERS)),
        (_SELF, _matching(text, _OWN)),
    )
    return [Exposure(kind.what, words, kind.advice) for kind, words in found if words]


def _people(text: str, names: set[str]) -> tuple[str, ...]:
    """Names in full, then what else somebody is called by."""
    return _known(text, names) + _matching(text, (*_CALLED, *_familiar(names)))


def _familiar(names: Iterable[str]) -> Iterator[re.Pattern[str]]:
    """How colleagues call those of a surname on the roster."""
    known = {_surname(name) for name in map(_squeezed, names) if len(name) > 1}
    if known:
        either = "|".join(map(re.escape, sorted(known, key=lambda one: (-len(one), one))))
        yield re.compile(rf"(?<![{_NOT_BEFORE}])[老小阿](?!{_ORDINARY})(?:{either})")
        yield re.compile(rf"(?:{either})(?:大?[哥姐]|叔|姨|老师)")


def _surname(name: str) -> str:
    return name[:2] if name.startswith(_DOUBLE) else name[:1]


def _known(text: str, listed: Iterable[str]) -> tuple[str, ...]:
    """The listed words in the text, each where it first stands, a part of a longer one left out."""
    squeezed = re.sub(r"\s", "", text)
    hits = {word for word in map(_squeezed, listed) if len(word) > 1 and word in squeezed}
    whole = [word for word in hits if not any(word != other and word in other for other in hits)]
    return tuple(sorted(whole, key=squeezed.index)[:_MOST_SHOWN])


def _squeezed(word: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word))


def _matching(text: str, patterns: Iterable[re.Pattern[str]]) -> tuple[str, ...]:
    hits = sorted(_places_of(text, patterns))
    words = dict.fromkeys(text[start:end] for start, end in _outermost(hits))
    return tuple(words)[:_MOST_SHOWN]


def _places_of(text: str, patterns: Iterable[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    for pattern in patterns:
        yield from (match.span() for match in pattern.finditer(text))


def _outermost(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Of spans in order, those that do not begin inside an earlier one."""
    last = 0
    for start, end in spans:
        if start >= last:
            yield start, end
            last = end
