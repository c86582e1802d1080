"""Objects of the work of branches: reminders, the error bank, burden, briefs."""

from django.core.files.base import ContentFile

from branches.rules import Role
from burden.models import (
    BoxRecipient,
    MeasureEntry,
    MeasureList,
    MeasureValue,
    PlannedVisit,
    SurveyRound,
)
from burden.rules.measures_vocabulary import ListState
from burden.rules.visit_vocabulary import VisitState
from dashboards.models import Brief
from dashboards.rules.brief_words import BriefSection, BriefState
from errorbank.actions.series import begin_series
from errorbank.models import Inspection, Proposal
from errorbank.rules import ProposalState, VersionState
from reminders.actions.handover import open_due_handovers
from reminders.actions.packs import PackData, add_file, add_pack
from reminders.actions.stand_ins import arrange_stand_in
from reminders.models import Handover, ReminderItem
from tests.factories.branches import make_post, make_user
from tests.factories.errorbank import make_closed, make_entry
from tests.factories.reminders import make_action
from tests.hardening.scenery.world import DAY, Places, World, at


def of_the_work(world: World) -> Places:
    return (
        _handovers(world) | _packs(world) | _errors(world) | _measures(world) | _visits(world) | _rest(world)
    )


def _handovers(world: World) -> Places:
    leaving = make_post(world.branch, Role.WORKER, user=world.leaver, until=world.on - DAY)
    open_due_handovers(on=world.on)
    made = Handover.objects.get(leaver_post=leaving)
    line = made.lines.order_by("pk")[0]
    names = ("cancel", "check", "detail", "mentor", "newcomer", "sheet", "sign", "told")
    stand_in = arrange_stand_in(
        world.post,
        deputy=world.secretary,
        since=world.on,
        until=world.on + 5 * DAY,
        by=world.worker,
        on=world.on,
        now=world.now,
    )
    return {
        **at(made.pk, *(f"reminders:handover_{name}" for name in names)),
        **at(made.pk, "reminders:handover_confirm", part=line.part),
        **at(made.pk, "reminders:handover_note", line=line.pk),
        **at(stand_in.pk, "reminders:stand_in_edit", "reminders:stand_in_end"),
    }


def _packs(world: World) -> Places:
    own = make_action("own_study", organisation=world.general, name="自选学习")
    pack = add_pack(world.general, data=PackData("学习资料", "", [own]), by=world.staff)
    paper = add_file(pack, title="通知", file=ContentFile(b"%PDF-1.4 paper", "paper.pdf"), by=world.staff)
    item = ReminderItem.objects.filter(organisation=world.branch).order_by("-pk")[0]
    return {
        **at(pack.pk, "reminders:pack_detail", "reminders:pack_edit", "reminders:pack_retire"),
        **at(paper.pk, "reminders:material_download", "reminders:material_remove"),
        "reminders:action_switch_off": {"code": own.code},
        "reminders:missing_action": {"action": item.action_id, "period": item.period},
    }


def _errors(world: World) -> Places:
    entry = make_entry(organisation=world.general)
    waiting = entry.versions.get()
    waiting.pk, waiting.number, waiting.state = None, 2, VersionState.PROPOSED
    waiting.made_by = world.secretary
    waiting.save()
    finding = make_closed(world.branch, fixer=world.worker, closer=world.staff, on=world.on)
    recheck = finding.rechecks.order_by("pk").first() or begin_series(finding, on=world.on)
    proposal = Proposal.objects.get(organisation=world.branch, state=ProposalState.OPEN)
    return {
        **at(waiting.pk, "errorbank:entry_review", "errorbank:entry_send_back"),
        **at(proposal.pk, "errorbank:proposal_confirm", "errorbank:proposal_dismiss"),
        **at(recheck.pk, "errorbank:recheck_detail", "errorbank:recheck_assign"),
        **at(entry.pk, "training:card_from_entry"),
    }


def _measures(world: World) -> Places:
    issued = MeasureList.objects.get(state=ListState.ISSUED)
    entry = MeasureEntry.objects.filter(of_list=issued).order_by("pk")[0]
    value = MeasureValue.objects.filter(measure=entry.measure).order_by("-pk").first()
    value = value or MeasureValue.objects.order_by("-pk")[0]
    draft = MeasureList.objects.create(
        organisation=world.general, year=world.on.year + 1, made_by=world.staff
    )
    planned = MeasureEntry.objects.get(pk=entry.pk)
    planned.pk, planned.of_list = None, draft
    planned.save()
    return {
        **at(draft.pk, "burden:measure_entry_add"),
        **at(planned.pk, "burden:measure_entry_edit"),
        **at(entry.measure_id, "burden:measure_value_add", "burden:measure_value_take"),
        **at(value.pk, "burden:measure_value_correct"),
        "burden:duty_edit": {"code": world.general.code},
    }


def _visits(world: World) -> Places:
    looked = Inspection.objects.filter(organisation=world.general).order_by("-pk")[0]
    looked.targets.add(world.branch)
    visit = PlannedVisit.objects.filter(state=VisitState.FILED).order_by("pk")[0]
    return {
        **at(visit.pk, "burden:visit_carry_out"),
        **at(visit.pk, "burden:visit_link", inspection=looked.pk),
        "burden:visit_rate": {"inspection": looked.pk, "branch": world.branch.pk},
    }


def _rest(world: World) -> Places:
    """One inquiry runs at a time, and that of the demo is the committee's."""
    inquiry = SurveyRound.objects.open().get()
    SurveyRound.objects.filter(pk=inquiry.pk).update(organisation=world.general)
    newcomer = make_user()
    make_post(world.general, Role.RECIPIENT, user=newcomer)
    known = BoxRecipient.objects.filter(level="own").order_by("pk")[0]
    waiting = BoxRecipient.objects.create(
        user=newcomer,
        level=known.level,
        public_key=known.public_key,
        wrapped_key=known.wrapped_key,
        is_active=False,
    )
    brief = Brief.objects.get(organisation=world.general, state=BriefState.DRAFT)
    return {
        "burden:box_confirm": {"name": waiting.name},
        **at(inquiry.pk, "burden:survey_close", "burden:survey_codes"),
        **at(brief.pk, "dashboards:brief_edit", "dashboards:brief_restore", section=BriefSection.WHOLE.value),
    }
