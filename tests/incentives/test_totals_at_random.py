"""Whatever happens in whatever order, the entries of a person add up to what stands now."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from incentives.actions.contributions import decide_nomination, take_back
from incentives.models import ContributionEntry
from incentives.queries.records import worker_of, year_records
from incentives.rules.contributions import IncentiveRefused
from incentives.sources import SOURCES
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.incentives.entry_scene import DAY, NOW, closed_item, nominated, pull
from tests.reminders.scene import ON, Scene, make_scene

STEPS = 14
ONES, TWICE = ("meeting", "study"), ("organization",)


class Story:
    """A random life of items and nominations, beside what must stand at its end, kept by hand."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene, self.dice = scene, random.Random(seed)  # not a secret: the same again
        self.items: list[ReminderItem] = []
        self.named = self.taken = 0

    def step(self) -> None:
        self.dice.choice([self.close, self.close, self.move, self.name, self.correct, self.run, self.part])()

    def close(self) -> None:
        category = self.dice.choice([*ONES, *TWICE])
        code = f"a{len(self.items)}"
        made = closed_item(self.scene.first, self.scene.worker, code=code, category=category)
        self.items.append(made)

    def move(self) -> None:
        """Returned and done again, or done on another day."""
        if not self.items:
            return
        item = self.dice.choice(self.items)
        done = self.dice.choice([None, DAY, DAY - timedelta(days=self.dice.randint(1, 60))])
        item.state, item.done_on = (ItemState.DONE, done) if done else (ItemState.RETURNED, None)
        item.save()

    def name(self) -> None:
        self.named += 1
        asked = nominated(self.scene, words=f"第 {self.named} 次帮带")
        decide_nomination(asked, approve=True, answer="", by=self.scene.staff, on=ON, now=NOW)

    def correct(self) -> None:
        """By hand, and once more: the second time is refused and takes nothing away."""
        named = ContributionEntry.objects.standing().filter(source_key__startswith="nomination:")
        entry = named.order_by("pk").first()
        if entry is None:
            return
        self.taken += 1
        take_back(entry, reason="记重了", by=self.scene.staff, now=NOW)
        with pytest.raises(IncentiveRefused):
            take_back(entry, reason="记重了", by=self.scene.staff, now=NOW)

    def run(self) -> None:
        pull()

    def part(self) -> None:
        """A run that knows only some of the sources, in another order."""
        kept = dict(SOURCES)
        some = self.dice.sample(sorted(kept), self.dice.randint(0, len(kept)))
        SOURCES.clear()
        SOURCES.update({name: kept[name] for name in some})
        try:
            pull()
        finally:
            SOURCES.clear()
            SOURCES.update(kept)


def rows_of(user: User) -> list[tuple[str, date, str, Decimal]]:
    """What stands, without the numbers of rows and turns."""
    found = ContributionEntry.objects.standing().filter(user=user)
    return sorted(found.values_list("source_key", "happened_on", "kind", "weight"))


@pytest.mark.parametrize("seed", [*range(6), None])
def test_no_order_of_runs_and_corrections_changes_a_total(
    db: None, monkeypatch: pytest.MonkeyPatch, seed: int | None
) -> None:
    """Six known stories, and one that is new every time: its number stands in the failure."""
    number = seed if seed is not None else random.SystemRandom().randrange(10**6)
    scene = make_scene(monkeypatch)
    story = Story(scene, number)
    for _ in range(STEPS):
        story.step()
    pull()
    after = rows_of(scene.worker)
    assert (pull(), rows_of(scene.worker)) == ((0, 0), after), number
    done = [(f"item:{one.pk}", one.done_on) for one in story.items if one.state == ItemState.DONE]
    assert sorted((key, on) for key, on, _, _ in after if key.startswith("item:")) == sorted(done), number
    assert len(after) - len(done) == story.named - story.taken, number
    every = ContributionEntry.objects.filter(user=scene.worker).values_list("weight", flat=True)
    assert sum(every) == sum(weight for _, _, _, weight in after), number
    worker = worker_of(scene.worker, ON.year, on=ON)
    assert worker is not None
    named = sum(weight for key, _, _, weight in after if key.startswith("nomination:"))
    words = next(
        f.words for f in year_records([worker], ON.year, on=ON)[0].factors if f.code == "contribution"
    )
    assert (f"权重合计 {named}" in words) == (story.named > story.taken), number
