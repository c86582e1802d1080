"""People on the way to a level, and a panel that may vote on it."""

from datetime import date, timedelta
from decimal import Decimal

from accounts.models import User
from branches.rules import Role
from incentives.actions.level_facts import FactData, add_fact
from incentives.actions.levels import Votes, apply_level, decide_level
from incentives.models import LevelCase, LevelTerm
from incentives.rules.levels import LevelCheck, LevelCode, PanelChoice, TermOrigin, last_term_day
from tests.factories.branches import make_holder
from tests.reminders.scene import ON, Scene


def ready(scene: Scene, *, hours: str = "24") -> None:
    """What the first level asks for and the portal cannot know."""
    for check, amount in ((LevelCheck.HOURS, Decimal(hours)), (LevelCheck.EXAM, Decimal(80))):
        data = FactData(scene.worker, check, ON - timedelta(days=10), amount, "党务培训", "签到册")
        add_fact(scene.first, data=data, by=scene.staff, on=ON)


def applied(scene: Scene, *, on: date = ON) -> LevelCase:
    ready(scene)
    return apply_level(scene.first, level=LevelCode.SPECIALIST, statement="", by=scene.worker, on=on)


def panel(scene: Scene, *choices: PanelChoice) -> Votes:
    chosen = choices or (PanelChoice.YES,) * 3
    return [(make_holder(scene.general, Role.GENERAL_BRANCH_STAFF), choice) for choice in chosen]


def posted(scene: Scene) -> LevelCase:
    return decide_level(applied(scene), votes=panel(scene), held_on=ON, by=scene.staff, on=ON)


def held(
    scene: Scene, code: LevelCode, since: date, *, user: User | None = None, years: int = 2
) -> LevelTerm:
    coefficients = dict(zip(LevelCode, ("1.0", "1.3", "1.6"), strict=True))
    return LevelTerm.objects.create(
        user=user or scene.worker,
        organisation=scene.first,
        level=code,
        coefficient=Decimal(coefficients[code]),
        since=since,
        until=last_term_day(since, years),
        origin=TermOrigin.FIRST,
    )
