"""Entries are pulled once, taken back by counter-entries, never changed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.models import AuditEvent
from branches.models import AccessGrant, Post
from branches.rules import GrantKind
from errorbank.models import EntryVersion, Recheck
from errorbank.rules import RecheckState
from incentives.actions.contributions import decide_nomination, pull_entries, take_back
from incentives.models import ContributionEntry, WeightPolicy
from incentives.rules.contributions import GONE, EntryKind, IncentiveRefused, NominationState
from incentives.rules.policies import shipped
from incentives.sources import SOURCES
from incentives.tasks import pull_contributions
from reminders.demand_rules import DemandState
from reminders.rules import ItemState
from tests.factories.demands import make_demand
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.incentives.entry_scene import DAY, NOW, closed_item, nominated, pull, total
from tests.reminders.scene import ON, Scene, make_scene


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def test_a_second_run_adds_nothing(scene: Scene) -> None:
    item = closed_item(scene.first, scene.worker)
    assert (pull(), pull(), pull_contributions()) == ((1, 0), (0, 0), 0)
    made = ContributionEntry.objects.get()
    assert (made.source_key, made.user, made.organisation, made.happened_on, made.kind) == (
        f"item:{item.pk}", scene.worker, scene.first, DAY, EntryKind.ITEM,
    )  # fmt: skip
    assert (made.weight, made.words, made.url) == (
        Decimal("1.00"), "支部党员大会", f"/w/reminders/items/{item.pk}/",
    )  # fmt: skip


def test_what_the_source_takes_back_is_countered_and_may_come_again(scene: Scene) -> None:
    item = closed_item(scene.first, scene.worker)
    pull()
    item.state, item.done_on = ItemState.RETURNED, None
    item.save()
    assert (pull(), pull(), total(scene.worker)) == ((0, 1), (0, 0), "0.00")
    counter = ContributionEntry.objects.get(corrects__isnull=False)
    assert (counter.weight, counter.reason, counter.happened_on) == (Decimal("-1.00"), GONE, DAY)
    item.state, item.done_on = ItemState.DONE, DAY
    item.save()
    assert (pull(), pull(), total(scene.worker)) == ((1, 0), (0, 0), "1.00")
    assert sorted(ContributionEntry.objects.filter(corrects=None).values_list("turn", flat=True)) == [1, 2]


def test_what_moves_to_another_day_is_countered_and_made_anew(scene: Scene) -> None:
    item = closed_item(scene.first, scene.worker)
    pull()
    item.done_on = DAY - timedelta(days=1)
    item.save()
    assert (pull(), total(scene.worker)) == ((1, 1), "1.00")
    assert ContributionEntry.objects.standing().get().happened_on == DAY - timedelta(days=1)


def test_what_a_person_took_back_is_not_pulled_again(scene: Scene) -> None:
    closed_item(scene.first, scene.worker)
    pull()
    entry = ContributionEntry.objects.get()
    take_back(entry, reason="登记到别人名下了", by=scene.staff, now=NOW)
    assert (pull(), total(scene.worker)) == ((0, 0), "0.00")
    assert AuditEvent.objects.filter(event="incentives.entry_taken_back").count() == 1
    with pytest.raises(IncentiveRefused, match="已经冲销过"):
        take_back(entry, reason="再来", by=scene.staff, now=NOW)
    with pytest.raises(IncentiveRefused, match="本身就是冲销"):
        take_back(entry.counter_row, reason="再来", by=scene.staff, now=NOW)


def test_nobody_takes_back_without_a_reason_or_the_own(scene: Scene) -> None:
    closed_item(scene.first, scene.staff)
    pull()
    entry = ContributionEntry.objects.get()
    with pytest.raises(IncentiveRefused, match="请写明"):
        take_back(entry, reason=" ", by=scene.staff, now=NOW)
    with pytest.raises(IncentiveRefused, match="本人"):
        take_back(entry, reason="多了", by=scene.staff, now=NOW)


def test_what_nobody_closed_or_a_fact_settled_counts_for_nobody(scene: Scene) -> None:
    closed_item(scene.first, scene.worker, done_by=None)
    closed_item(scene.second, scene.worker, code="committee_meeting", settled_by="term:1", reason="已登记")
    closed_item(scene.first, scene.worker, code="party_lecture", done_on=date(2024, 12, 31))
    assert pull() == (0, 0)


def test_elections_count_as_harder(scene: Scene) -> None:
    closed_item(scene.first, scene.worker, category="organization")
    pull()
    made = ContributionEntry.objects.get()
    assert (made.kind, made.weight) == (EntryKind.HARD_ITEM, Decimal("2.00"))


def test_a_passed_recheck_counts_for_who_answered_for_it(scene: Scene) -> None:
    finding = make_closed(scene.first, fixer=scene.worker, closer=scene.staff)
    finding.responsible_post = Post.objects.get(user=scene.worker)
    finding.save()
    Recheck.objects.filter(finding=finding, stage=1).update(state=RecheckState.PASSED, done_on=ON)
    assert pull() == (1, 0)
    made = ContributionEntry.objects.get()
    assert (made.kind, made.user, made.happened_on) == (EntryKind.RECHECK, scene.worker, ON)


def test_an_entry_of_the_error_bank_counts_for_who_wrote_it(scene: Scene) -> None:
    own, shipped_one = make_entry(organisation=scene.general), make_entry()
    fields = {"made_by": scene.worker, "reviewed_by": scene.staff, "reviewed_at": timezone.now()}
    EntryVersion.objects.filter(entry__in=[own, shipped_one]).update(**fields)
    assert pull() == (1, 0)
    assert ContributionEntry.objects.get().kind == EntryKind.ERROR_ENTRY
    EntryVersion.objects.update(reviewed_by=scene.worker)
    assert (pull(), total(scene.worker)) == ((0, 1), "0.00")


def test_findings_count_while_on_rotation_there(scene: Scene) -> None:
    AccessGrant.objects.create(
        user=scene.worker,
        organisation=scene.second,
        kind=GrantKind.ROTATION,
        since=DAY,
        until=DAY,
        reason="轮训",
    )
    make_finding(scene.second, by=scene.worker, on=DAY)
    make_finding(scene.second, by=scene.worker, on=ON)
    make_finding(scene.first, by=scene.worker, on=DAY)
    assert (pull(), total(scene.worker)) == ((1, 0), "0.50")


def test_a_burden_that_was_named_and_taken_up_counts(scene: Scene) -> None:
    given = {"made_by": scene.worker, "decided_by": scene.staff, "since": DAY}
    make_demand(scene.first, name="重复的周报", state=DemandState.STANDING, **given)
    make_demand(scene.first, name="等核对的", state=DemandState.PROPOSED, **{**given, "decided_by": None})
    assert pull() == (1, 0)
    assert ContributionEntry.objects.get().kind == EntryKind.DEMAND


def test_the_weight_is_that_of_the_policy_of_its_day(scene: Scene) -> None:
    numbers = {**shipped()["numbers"], "weights": {**shipped()["numbers"]["weights"], "item": "1.50"}}
    given = {"document": "某办法", "note": "第一版", "numbers": numbers, "made_by": scene.staff}
    WeightPolicy.objects.create(organisation=scene.general, since=DAY, **given)
    closed_item(scene.first, scene.worker)
    closed_item(scene.first, scene.worker, code="party_lecture", done_on=DAY - timedelta(days=1))
    closed_item(scene.foreign_branch, scene.foreign_staff, code="other")
    pull()
    weights = ContributionEntry.objects.order_by("happened_on", "organisation").values_list(
        "weight", "policy"
    )
    assert [(str(w), p is not None) for w, p in weights] == [
        ("1.00", False), ("1.50", True), ("1.00", False),
    ]  # fmt: skip


def test_rows_do_not_change_even_in_the_database(scene: Scene) -> None:
    closed_item(scene.first, scene.worker)
    pull()
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        ContributionEntry.objects.update(weight=9)


def test_keys_begin_with_the_name_of_their_source(scene: Scene) -> None:
    closed_item(scene.first, scene.worker)
    assert {fact.key.partition(":")[0] for fact in SOURCES["item"](DAY)} == {"item"}
    names = ["item", "recheck", "error_entry", "session", "mentor", "rotation", "demand", "output", "contest"]
    assert list(SOURCES) == names


# --- named by people -----------------------------------------------------------------------------


def decide(scene: Scene, nomination: object, **changes: object) -> object:
    given = {"approve": True, "answer": "", "by": scene.staff, "on": ON, "now": NOW, **changes}
    return decide_nomination(nomination, **given)  # type: ignore[arg-type]  # whatever a test changes


def test_what_is_approved_becomes_an_entry_once(scene: Scene) -> None:
    asked = nominated(scene)
    assert pull() == (0, 0)
    decide(scene, asked)
    made = ContributionEntry.objects.get()
    assert (made.source_key, made.user, made.weight) == (f"nomination:{asked.pk}", scene.worker, Decimal(2))
    with pytest.raises(IncentiveRefused, match="已经审核过"):
        decide(scene, asked)
    assert (pull(), total(scene.worker)) == ((0, 0), "2.00")


def test_a_refusal_says_why_and_leaves_no_entry(scene: Scene) -> None:
    asked = nominated(scene)
    with pytest.raises(IncentiveRefused, match="请写明原因"):
        decide(scene, asked, approve=False)
    decide(scene, asked, approve=False, answer="已在别处登记")
    asked.refresh_from_db()
    assert (asked.state, ContributionEntry.objects.count()) == (NominationState.DECLINED, 0)


def test_nobody_decides_on_the_own(scene: Scene) -> None:
    mine, about_me = nominated(scene, by=scene.staff), nominated(scene, nominee=scene.staff)
    for asked in (mine, about_me):
        with pytest.raises(IncentiveRefused, match="不能自己审核"):
            decide(scene, asked)


def test_the_same_is_named_once_and_nothing_of_the_future(scene: Scene) -> None:
    nominated(scene)
    with pytest.raises(IncentiveRefused, match="已经提名过"):
        nominated(scene)
    with pytest.raises(IncentiveRefused, match="还没有发生"):
        nominated(scene, happened_on=ON + timedelta(days=1))
    with pytest.raises(IncentiveRefused, match="今年和去年"):
        nominated(scene, happened_on=date(2024, 12, 31))


def test_what_moves_into_these_years_from_before_counts_once(scene: Scene) -> None:
    item = closed_item(scene.first, scene.worker, done_on=date(2024, 12, 30))
    pull_entries(on=date(2025, 1, 5), now=NOW)
    item.done_on = date(2025, 1, 3)
    item.save()
    assert (pull(), pull(), total(scene.worker)) == ((1, 1), (0, 0), "1.00")
    sums = {year: sum(row.weight for row in ContributionEntry.objects.of_year(year)) for year in (2024, 2025)}
    assert sums == {2024: Decimal("0.00"), 2025: Decimal("1.00")}
