"""What a check finds, and the report made of all of them."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Deviation:
    """What is not as promised, and what to do about it."""

    what: str
    todo: str


Check = Callable[[], Iterable[Deviation]]


@dataclass(frozen=True)
class Result:
    code: str
    label: str
    deviations: tuple[Deviation, ...]

    @property
    def passed(self) -> bool:
        return not self.deviations

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "passed": self.passed}


def result_of(code: str, label: str, check: Check) -> Result:
    """A check that breaks has not passed: what cannot be looked at is not known to be well."""
    try:
        return Result(code, label, tuple(check()))
    except Exception as reason:  # each check reports by itself, the others go on
        broken = Deviation(f"这一项没有查成：{reason}", "请排除这个错误后再查一次。")
        return Result(code, label, (broken,))
