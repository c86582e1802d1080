"""Citizen identity numbers of 18 digits.

Source: GB 11643-1999 公民身份号码: six digits of the place, eight of the birth date, three in sequence, one
check character of ISO 7064 MOD 11-2, where ten is written X.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from branches.rules.organisations import Refusal

_FACTORS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FULL = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_OLD = re.compile(r"[1-9]\d{14}", re.ASCII)
_MASKED = re.compile(r"[1-9]\d{3}\*{10}\d{3}[\dX]", re.ASCII)
_SCIENTIFIC = re.compile(r"\d\.?\d*E\+?\d+", re.ASCII)
_NOTHING = re.compile(r"[\s\u200b-\u200f\ufeff'‘’`-]")
_EARLIEST = date(1900, 1, 1)
_SHOWN, _HIDDEN = 4, 10


class IdNumberError(Refusal):
    """The text is no valid number; str() says why and what to do, and never repeats the number."""


@dataclass(frozen=True)
class IdNumber:
    """A valid number. It is personal data: show `masked`, never `text`."""

    text: str

    @property
    def birth_on(self) -> date:
        return date(int(self.text[6:10]), int(self.text[10:12]), int(self.text[12:14]))

    @property
    def masked(self) -> str:
        return masked(self.text)

    def __repr__(self) -> str:
        return f"IdNumber({self.masked})"


def normalised(text: str) -> str:
    """Half-width, without blanks, hyphens and quotes, the check character in upper case."""
    return _NOTHING.sub("", unicodedata.normalize("NFKC", text)).upper()


def parse_id_number(text: str, *, on: date) -> IdNumber:
    """Raises IdNumberError. `on` is the day on which nobody can be born later."""
    number = normalised(text)
    if _OLD.fullmatch(number):
        raise IdNumberError("这是 15 位的旧号码，请填写现在证件上的 18 位号码。")
    if _SCIENTIFIC.fullmatch(number):
        raise IdNumberError(
            "号码被表格软件改成了科学记数，后几位已经丢失，请先把这一列设为文本格式再重新填写。"
        )
    if not _FULL.fullmatch(number):
        raise IdNumberError(f"身份证号应为 18 位，这里是 {len(number)} 位或含有其他字符，请核对。")
    _refuse_birth(number, on)
    if check_character(number[:17]) != number[17]:
        raise IdNumberError("最后一位校验码不符，可能有数字抄错或顺序颠倒，请对照证件核对。")
    return IdNumber(number)


def _refuse_birth(number: str, on: date) -> None:
    try:
        born = IdNumber(number).birth_on
    except ValueError:
        raise IdNumberError("第 7 至 14 位不是真实存在的日期，请对照证件核对。") from None
    if not _EARLIEST <= born <= on:
        raise IdNumberError("第 7 至 14 位的出生日期不在合理范围内，请对照证件核对。")


def check_character(seventeen: str) -> str:
    """The eighteenth character that belongs to seventeen digits."""
    return _CHECKS[sum(int(d) * f for d, f in zip(seventeen, _FACTORS, strict=True)) % 11]


def masked(number: str) -> str:
    """The first and last four characters; the birth date and the sequence stay hidden."""
    return number[:_SHOWN] + "*" * _HIDDEN + number[-_SHOWN:]


def masked_text(text: str) -> str:
    """Any text of an id number column, right or wrong, so that it can stand in a list of errors."""
    number = normalised(text)
    if len(number) <= 2 * _SHOWN:
        return "*" * len(number)
    return number[:_SHOWN] + "*" * (len(number) - 2 * _SHOWN) + number[-_SHOWN:]


def is_masked(text: str) -> bool:
    return _MASKED.fullmatch(normalised(text)) is not None
