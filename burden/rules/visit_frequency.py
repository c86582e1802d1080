"""When an office may come less often: three visits in a row that found nothing in a clause."""

from collections.abc import Sequence

CLEAN_IN_A_ROW = 3


def ends_clean(found: Sequence[int]) -> bool:
    """`found`: problems found by the visits for one clause, the earliest first."""
    last = found[-CLEAN_IN_A_ROW:]
    return len(last) == CLEAN_IN_A_ROW and not any(last)


def fewer(times: int) -> int:
    """One visit a year less; from one a year to a year without."""
    return max(0, times - 1)


def fewer_words(times: int) -> str:
    return (
        f"由每年 {times} 次减为 {times - 1} 次" if times > 1 else "由每年 1 次改为隔年 1 次，下一年度不安排"
    )
