"""The numbers of the error bank as one value, read from the policy rows of an organisation."""

from collections.abc import Mapping
from dataclasses import dataclass

from branches.rules.policy import Rule
from errorbank.rules.vocabulary import Severity

STAGES = ("recheck_days_first", "recheck_days_second", "recheck_days_third")


@dataclass(frozen=True)
class Limits:
    """Days unless said otherwise; `recheck_days` counts from closing, one number a stage."""

    general_days: int = 30
    serious_days: int = 15
    repeat_days: int = 180
    recheck_days: tuple[int, ...] = (30, 90, 180)
    sample_percent: int = 30
    announce_days: int = 7

    def days_for(self, severity: Severity) -> int:
        return self.serious_days if severity == Severity.SERIOUS else self.general_days


def limits_of(rules: Mapping[str, Rule]) -> Limits:
    return Limits(
        general_days=rules["finding_days_general"].number,
        serious_days=rules["finding_days_serious"].number,
        repeat_days=rules["finding_repeat_days"].number,
        recheck_days=tuple(sorted(rules[code].number for code in STAGES)),
        sample_percent=rules["recheck_sample_percent"].number,
        announce_days=rules["recheck_announce_days"].number,
    )
