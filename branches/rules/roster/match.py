"""Which person a row means: by code, else by id number, else by name within the same branch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from branches.rules.id_numbers import is_masked, masked
from branches.rules.roster.columns import Key
from branches.rules.roster.people import Person, Place
from branches.rules.roster.rows import RosterRow, tidy_name
from ledgers.sheets.cells import CellProblem

Placed = tuple[RosterRow, Place | None]
CONTACT = "请核对，或联系上级党务干部"


@dataclass(frozen=True)
class Matches:
    """Person and problems by the position of the row; `claimed` everybody some row names."""

    persons: Mapping[int, int]
    problems: Mapping[int, Sequence[CellProblem]]
    claimed: frozenset[int]


def match_rows(
    placed: Sequence[Placed],
    people: Sequence[Person],
    *,
    day: date,
    foreign_codes: frozenset[str],
    foreign_numbers: frozenset[str],
) -> Matches:
    matching = _Matching(placed, people, day)
    matching.refuse_foreign(foreign_codes, foreign_numbers)
    matching.refuse_doubles()
    matching.by_code_and_number()
    matching.by_name()
    matching.refuse_namesakes()
    matching.refuse_same_person()
    return Matches(matching.persons, matching.problems, frozenset(matching.claimed))


@dataclass
class _Matching:
    placed: Sequence[Placed]
    people: Sequence[Person]
    day: date
    persons: dict[int, int] = field(default_factory=dict)
    problems: dict[int, list[CellProblem]] = field(default_factory=lambda: defaultdict(list))
    claimed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.by_the_code = {person.code: person for person in self.people}
        self.by_the_number = {person.id_number: person for person in self.people if person.id_number}
        self.by_pk = {person.pk: person for person in self.people}
        self.named: dict[tuple[int, str], list[Person]] = defaultdict(list)
        self.bearing: dict[str, set[int]] = defaultdict(set)
        for person in self.people:
            self.bearing[tidy_name(person.name)].add(person.pk)
            if standing := person.standing(self.day):
                self.named[standing.place, tidy_name(person.name)].append(person)

    def refuse(self, n: int, key: Key, reason: str, advice: str) -> None:
        self.problems[n].append(self.placed[n][0].problem(key, reason, advice))

    def claim(self, n: int, person: Person) -> None:
        self.persons[n] = person.pk
        self.claimed.add(person.pk)

    def refuse_foreign(self, codes: frozenset[str], numbers: frozenset[str]) -> None:
        for n, (row, _) in enumerate(self.placed):
            if row.text(Key.CODE) in codes:
                self.refuse(n, Key.CODE, "这个编号已用于范围以外的人员", CONTACT)
            if row.id_number and row.id_number in numbers:
                self.refuse(n, Key.ID_NUMBER, "这个身份证号已登记在范围以外的人员名下", CONTACT)

    def refuse_doubles(self) -> None:
        for key, advice in ((Key.CODE, "每个编号只能用一次"), (Key.ID_NUMBER, "每人一个号码")):
            at: dict[str, list[int]] = defaultdict(list)
            for n, (row, _) in enumerate(self.placed):
                text = row.id_number if key is Key.ID_NUMBER else row.text(key)
                if text:
                    at[text].append(n)
            for group in at.values():
                self._refuse_group(group, key, advice)

    def _refuse_group(self, group: Sequence[int], key: Key, advice: str) -> None:
        for n in group if len(group) > 1 else ():
            others = "、".join(str(self.placed[m][0].number) for m in group if m != n)
            self.refuse(n, key, f"与第 {others} 行重复", f"{advice}，请核对后删去多余的一行")

    def by_code_and_number(self) -> None:
        for n, (row, _) in enumerate(self.placed):
            coded = self.by_the_code.get(row.text(Key.CODE))
            numbered = self.by_the_number.get(row.id_number) if row.id_number else None
            if coded and numbered and coded.pk != numbered.pk:
                self.refuse(n, Key.CODE, "编号和身份证号分别属于两个人", "请核对这一行的编号和身份证号")
                self.claimed |= {coded.pk, numbered.pk}
            elif coded and not numbered:
                self._claim_coded(n, row, coded)
            elif numbered:
                self.claim(n, numbered)

    def _claim_coded(self, n: int, row: RosterRow, person: Person) -> None:
        """The code alone: another person's name, or a name and a number that both differ, is a slip."""
        self.claim(n, person)
        name = row.text(Key.NAME)
        if not name or name == tidy_name(person.name):
            return
        another = self.bearing.get(name, set()) - {person.pk}
        if another or number_differs(row, person):
            reason = f"编号 {person.code} 在名册中是{person.name}"
            self.refuse(n, Key.NAME, reason, "请核对编号和姓名是否错行")

    def by_name(self) -> None:
        for n, (row, place) in enumerate(self.placed):
            name = row.text(Key.NAME)
            if n in self.persons or place is None or not name or self.problems.get(n):
                continue
            found = [p for p in self.named[place.pk, name] if p.pk not in self.claimed]
            alike = [p for p in found if not number_differs(row, p)]
            if len(alike) == 1:
                self.claim(n, alike[0])
            elif alike:
                codes = "、".join(p.code for p in alike)
                self.refuse(n, Key.NAME, f"本支部有 {len(alike)} 位同名人员", f"请填写名册编号（{codes}）")
                self.claimed |= {p.pk for p in alike}
            elif found and not row.text(Key.CODE):
                self._refuse_other_number(n, found[0])
            elif is_masked(row.text(Key.ID_NUMBER)):
                advice = "新登记的人员请填写完整的 18 位号码，或不填"
                self.refuse(n, Key.ID_NUMBER, "只有隐去中间数字的号码", advice)

    def refuse_namesakes(self) -> None:
        """A stranger with the name of somebody whom the file does not name may be that person, moved."""
        for n, (row, place) in enumerate(self.placed):
            if n in self.persons or place is None or row.text(Key.CODE) or self.problems.get(n):
                continue
            found = [
                person
                for person in self._bearers(row.text(Key.NAME))
                if person.pk not in self.claimed and not number_differs(row, person)
            ]
            if found:
                codes = "、".join(person.code for person in found)
                advice = f"是同一人的请填写名册编号（{codes}），是另一人的请填写新的名册编号"
                self.refuse(n, Key.NAME, "其他支部或已离开的人员中有同名的人", advice)

    def _bearers(self, name: str) -> list[Person]:
        return [self.by_pk[pk] for pk in sorted(self.bearing.get(name, ()))]

    def _refuse_other_number(self, n: int, person: Person) -> None:
        reason = f"本支部的{person.name}（{person.code}）登记的是另一个号码"
        advice = "是同一人的请填写名册编号以更正号码，是另一人的请填写新的名册编号"
        self.refuse(n, Key.ID_NUMBER, reason, advice)
        self.claimed.add(person.pk)

    def refuse_same_person(self) -> None:
        at: dict[int, list[int]] = defaultdict(list)
        for n, pk in self.persons.items():
            at[pk].append(n)
        unknown: dict[tuple[int, str], list[int]] = defaultdict(list)
        for n, (row, place) in enumerate(self.placed):
            if n not in self.persons and place and not row.text(Key.CODE) and not row.id_number:
                unknown[place.pk, row.text(Key.NAME)].append(n)
        for group in (*at.values(), *self._named(unknown)):
            fresh = [n for n in group if not self.problems.get(n)]
            if len(group) > 1 and fresh:
                self._refuse_group(group, Key.NAME, "同一个人只能有一行，同名的两人请填写名册编号或身份证号")

    @staticmethod
    def _named(unknown: Mapping[tuple[int, str], list[int]]) -> Iterable[list[int]]:
        return (group for (_, name), group in unknown.items() if name)


def number_differs(row: RosterRow, person: Person) -> bool:
    """Whether the row gives an id number that is not this person's; without both nothing differs."""
    given = row.text(Key.ID_NUMBER)
    if not given or not person.id_number:
        return False
    return given != (masked(person.id_number) if is_masked(given) else person.id_number)
