"""Rows for the marks where the demo has none in the marked branch: moved from another, or written anew."""

from datetime import UTC, date, datetime

from accounts.models import User
from branches.models import CoveredUnit, DevelopmentCase, Member, Organisation, PartyGroup, Term
from branches.rules import CaseState
from burden.models import PlannedVisit
from errorbank.models import Inspection
from errorbank.rules import Source
from incentives.models import HonourStory, LevelCase, LevelFact, LevelTerm, LevelWarning, Recommendation
from incentives.rules.levels import LevelCode, TermOrigin
from incentives.rules.stories import StoryState
from personal.models import Correction
from personal.rules import CorrectionState, CorrectionSubject
from records.models import Record, Vote
from reminders.models import Handover, ItemReturn, OutsideDemand, ReminderItem
from tests.factories.development import make_case
from training.models import OutputAuthor, OutputPick, OutputUse, Session

LONG_AGO, LATER = date(2024, 3, 1), date(2026, 2, 28)
NOON = datetime(2025, 10, 20, 4, tzinfo=UTC)


def give_rows(branch: Organisation, *, staff: User) -> None:
    """After this every field of OF_BRANCH has a row."""
    secretary, worker = (User.objects.get(username=f"{name}02") for name in ("secretary", "worker"))
    _move(branch, worker)
    _invite_alone(branch, staff=staff)
    CoveredUnit.objects.create(organisation=branch, name="石桥坝收购点")
    PartyGroup.objects.create(organisation=branch, name="第一党小组", since=LONG_AGO)
    Term.objects.filter(organisation=branch).update(
        extended_to=LATER.replace(year=2030), extension_basis="批复"
    )
    record = Record.objects.filter(organisation=branch).latest("held_on", "pk")
    Vote.objects.create(record=record, matter="接收预备党员", eligible=4, present=4, yes=4)
    item = ReminderItem.objects.filter(organisation=branch).unsettled().earliest("due_on", "pk")
    ItemReturn.objects.create(item=item, checklist_line="有签到", reason="没有签到", by=staff)
    _write_of_persons(branch, worker, staff=staff)
    _recruit(branch)
    _correct(branch, worker, secretary, staff=staff)


def _move(branch: Organisation, worker: User) -> None:
    """What happened elsewhere in the demo happened here."""
    for model in (LevelFact, LevelCase, Recommendation):
        model._base_manager.update(organisation=branch, user=worker)
    taken_back = LevelFact.objects.latest("pk")
    LevelFact.objects.filter(pk=taken_back.pk).update(taken_back_for="写错了")
    # The one that is signed.
    Handover.objects.filter(signatures__isnull=False).update(organisation=branch)
    story = HonourStory.objects.filter(case__organisation=branch).latest("pk")
    HonourStory.objects.filter(pk=story.pk).update(state=StoryState.DRAFT, released_on=None)
    OutsideDemand.objects.exclude(organisation__code="DZ01").update(organisation=branch)
    used = OutputUse.objects.exclude(output__organisation=branch).earliest("pk")
    OutputUse.objects.filter(pk=used.pk).update(organisation=branch)
    # What is still written is read by its authors: here they are of the branch alone.
    authors = OutputAuthor.objects.filter(
        version__output__organisation=branch, version__output__published=None
    )
    authors.exclude(user=worker).delete()
    (pick,) = OutputPick.objects.select_related("output")
    pick.output.organisation = branch
    pick.output.save()


def _invite_alone(branch: Organisation, *, staff: User) -> None:
    """What an office plans or looks at is read by all whom it concerns: here nobody else."""
    Session.objects.latest("held_on").branches.exclude(organisation=branch).delete()
    for visit in PlannedVisit.objects.filter(revisions__isnull=False, state="filed").distinct()[:1]:
        visit.targets.set([branch])
    inspection = Inspection.objects.create(
        organisation=Organisation.objects.get(code="DZ01"),
        source=Source.PARTY_BUILDING_CHECK,
        title="季度检查",
        inspectors="党建科",
        clauses="三会一课",
        since=NOON.date(),
        until=NOON.date(),
        made_by=staff,
    )
    inspection.targets.set([branch])


def _write_of_persons(branch: Organisation, worker: User, *, staff: User) -> None:
    days = {"since": LONG_AGO, "until": LATER}
    LevelTerm.objects.filter(user=worker).update(ended_on=LATER)
    term = LevelTerm.objects.create(
        user=worker,
        organisation=branch,
        level=LevelCode.values[1],
        coefficient="1.20",
        origin=TermOrigin.FIRST,
        **days,
    )
    LevelWarning.objects.create(
        user=worker,
        organisation=branch,
        term=term,
        years=[2024],
        words="上年度没有达到要求",
        written_by=staff,
        written_on=NOON.date(),
        delivered_on=NOON.date(),
        delivered_words="当面告知",
    )


def _recruit(branch: Organisation) -> None:
    """One case that goes on, and one that is over."""
    committee = Organisation.objects.get(parent=None)
    people = list(Member.objects.filter(memberships__organisation=branch).distinct()[:2])
    make_case(branch, upto=7, committee=committee, people=people, name="葛新生")
    over = make_case(branch, upto=3, committee=committee, people=people, name="葛晚生")
    DevelopmentCase.objects.filter(pk=over.pk).update(
        state=CaseState.DISCONTINUED, closed_on=NOON.date(), closing_note="本人提出"
    )


def _correct(branch: Organisation, worker: User, secretary: User, *, staff: User) -> None:
    first, second = CorrectionSubject.values[:2]
    asked = {"organisation": branch, "words": "部门写错了", "asked_at": NOON}
    Correction.objects.create(user=worker, subject=first, **asked)
    Correction.objects.create(
        user=secretary,
        subject=second,
        state=CorrectionState.EXPLAINED,
        answered_by=staff,
        answered_at=NOON,
        answer="与原件一致",
        **asked,
    )
