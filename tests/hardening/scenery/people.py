"""Objects about persons of the own branch: records, levels, honours, pairs, turns, works."""

from decimal import Decimal

from incentives.actions.development import make_dossier
from incentives.actions.level_facts import FactData, add_fact
from incentives.models import (
    Appeal,
    BonusSheet,
    ContributionEntry,
    HonourCase,
    HonourStory,
    LevelCase,
    LevelTerm,
    LevelWarning,
    Nomination,
    Objection,
    PublicNotice,
    ReservePlace,
)
from incentives.rules.levels import LevelCheck, LevelCode, LevelState
from tests.factories.branches import make_user
from tests.factories.errorbank import make_entry
from tests.hardening.scenery.world import DAY, Places, World, at
from tests.training.contest_scene import asked
from training.actions.cards import card_from_entry
from training.actions.contest_works import WorkData, submit_work
from training.actions.contests import make_contest, open_call
from training.models import BranchPair, HelpRequest, Judge, Pair, RotationPlan, RotationSlot
from training.rules.mentors import PRESSURE


def of_people(world: World) -> Places:
    return _records(world) | _levels(world) | _honours(world) | _pairs(world) | _turns(world) | _works(world)


def _records(world: World) -> Places:
    worker, branch = world.worker, world.branch
    entry = ContributionEntry.objects.filter(user=worker, organisation=branch, corrects=None).order_by("pk")[
        0
    ]
    appeal = Appeal.objects.create(
        organisation=branch, user=worker, year=world.on.year, words="加班未计入", made_on=world.on,
        due_on=world.on + 9 * DAY,
    )  # fmt: skip
    done = Nomination.objects.filter(organisation=branch).order_by("pk")[0]
    asked_for = Nomination.objects.create(
        organisation=branch, nominee=worker, kind=done.kind, happened_on=world.on - DAY, words="讲课",
        evidence="签到册", made_by=world.secretary,
    )  # fmt: skip
    place = ReservePlace.objects.create(
        user=worker, organisation=branch, reason="骨干", proposed_by=world.staff, proposed_on=world.on
    )
    dossier = make_dossier(worker, branch, by=world.staff, on=world.on)
    return {
        **at(entry.pk, "incentives:entry_take_back"),
        **at(worker.pk, "incentives:record_detail", "incentives:level_fact_add"),
        **at(appeal.pk, "incentives:appeal_answer"),
        **at(asked_for.pk, "incentives:nomination_decide"),
        **at(place.pk, *(f"incentives:reserve_{name}" for name in ("answer", "decide", "end"))),
        **at(dossier.pk, "incentives:dossier_download"),
        **at(BonusSheet.objects.get().pk, "incentives:sheet_detail"),
    }


def _levels(world: World) -> Places:
    worker, branch = world.worker, world.branch
    data = FactData(worker, LevelCheck.EXAM, world.on - DAY, Decimal(80), "考试", "成绩单")
    fact = add_fact(branch, data=data, by=world.staff, on=world.on)
    term = LevelTerm.objects.get(user=worker, ended_on=None)
    case = LevelCase.objects.create(
        user=worker, organisation=branch, level=LevelCode.SUPERVISOR, applied_on=world.on,
        evidence=LevelCase.objects.order_by("pk")[0].evidence, checksum="x", coefficient=Decimal("1.3"),
        term_years=2, state=LevelState.APPLIED,
    )  # fmt: skip
    warning = LevelWarning.objects.create(
        user=worker, organisation=branch, term=term, years=[world.on.year - 1], words="两年未达标",
        written_by=world.staff, written_on=world.on,
    )  # fmt: skip
    return {
        **at(case.pk, *(f"incentives:level_{name}" for name in ("case", "decide", "withdraw"))),
        **at(warning.pk, *(f"incentives:level_{name}" for name in ("deliver", "lower", "received"))),
        **at(term.pk, "incentives:level_warn", "incentives:level_year"),
        **at(fact.pk, "incentives:level_fact_back"),
        "incentives:level_apply": {"code": LevelCode.SUPERVISOR.value},
    }


def _honours(world: World) -> Places:
    """The awarded case of the demo is another branch's: here it becomes one of the own worker."""
    awarded = HonourCase.objects.filter(state="awarded").order_by("pk")[0]
    HonourCase.objects.filter(pk=awarded.pk).update(nominee=world.worker, organisation=world.branch)
    waiting = HonourCase.objects.create(
        call=awarded.call, organisation=world.branch, nominee=world.secretary, reason="突出",
        proposed_by=world.staff, proposed_on=world.on,
    )  # fmt: skip
    story = HonourStory.objects.filter(case=awarded).order_by("-pk")[0]
    posted = PublicNotice.objects.filter(state="open").order_by("pk")[0]
    objection = Objection.objects.create(
        notice=posted, way="in_person", objector_name="来访人", words="情况不符", received_on=world.on,
        recorded_by=world.secretary,
    )  # fmt: skip
    return {
        **at(waiting.pk, "incentives:honour_withdraw"),
        **at(awarded.pk, "incentives:story_edit", kind=story.kind),
        **at(story.pk, "incentives:story_release", "incentives:story_take_back"),
        **at(posted.pk, "incentives:notice_record"),
        **at(objection.pk, "incentives:objection_answer", "incentives:objection_told"),
    }


def _pairs(world: World) -> Places:
    pair = Pair.objects.filter(mentor=world.worker, ended_on=None).order_by("pk")[0]
    row = HelpRequest.objects.create(
        asker=world.worker, helper=make_user(), topic=PRESSURE, asked_on=world.on
    )
    entry = make_entry(organisation=world.general)
    card = card_from_entry(world.general, entry, by=world.staff)
    return {
        **at(pair.pk, *(f"training:pair_{name}" for name in ("decide", "detail", "talk"))),
        **at(pair.pk, "training:skill_pupil"),
        **at(row.pk, "training:help_close"),
        **at(card.pk, *(f"training:card_{name}" for name in ("edit", "publish", "retire"))),
    }


def _turns(world: World) -> Places:
    plan = RotationPlan.objects.get(organisation=world.general)
    away = plan.away.create(user=world.worker, month=12)
    slot = RotationSlot.objects.create(plan=plan, user=world.worker, month=world.on.month)
    slot.visits.create(organisation=world.general.children.exclude(pk=world.branch.pk).order_by("pk")[0])
    paired = BranchPair.objects.order_by("pk")[0]
    return {
        **at(plan.pk, "training:rotation_back", away=away.pk),
        **at(plan.pk, "training:rotation_check", "training:rotation_month", month=12),
        **at(plan.pk, "training:rotation_unpair", pair=paired.pk),
        **at(slot.pk, "training:rotation_hand_in"),
    }


def _works(world: World) -> Places:
    """A contest that is open to the own worker, and one whose works the own worker judges."""
    until = {"call_until": world.on + 5 * DAY, "judge_until": world.on + 9 * DAY}
    called = make_contest(world.general, data=asked(title="征文", **until), by=world.staff, on=world.on)
    open_call(called, by=world.staff, on=world.on)
    data = WorkData("一堂好课", "本支部这样讲。", [world.worker])
    mine = submit_work(called, world.branch, data=data, by=world.worker, on=world.on)
    judge = Judge.objects.order_by("-pk")[0]
    Judge.objects.filter(pk=judge.pk).update(user=world.worker)
    work = judge.contest.works.order_by("-pk")[0]
    return {
        **at(called.pk, "training:work_add"),
        "training:work_edit": {"key": mine.key},
        "training:work_withdraw": {"key": mine.key},
        **at(judge.contest_id, "training:judging_page"),
        **at(judge.pk, "training:judge_drop"),
        "training:work_judge": {"key": work.key},
    }
