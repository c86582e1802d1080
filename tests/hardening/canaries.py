"""Which texts of a branch get a mark, which of its general branch, and which get none and why."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import CharField, F, Field, Model, QuerySet, TextField, UUIDField, Value
from django.db.models.functions import Concat, Left

from branches.models import Organisation

# Model, fields and the way from its row to the branch.
OF_BRANCH = (
    ("branches.Member", "name home_department", "memberships__organisation"),
    ("branches.CoveredUnit", "name", "organisation"),
    ("branches.PartyGroup", "name", "organisation"),
    ("branches.Term", "extension_basis", "organisation"),
    ("branches.MemberEvent", "note correction_reason", "organisation"),
    ("branches.DevelopmentCase", "closing_note blocked", "member__memberships__organisation"),
    (
        "branches.DevelopmentStep",
        "document note correction_reason",
        "case__member__memberships__organisation",
    ),
    ("branches.OrganisationEvent", "before after document note correction_reason", "organisation"),
    ("branches.ElectionStep", "document", "term__organisation"),
    ("branches.AccessGrant", "reason", "organisation"),
    ("reminders.ReminderItem", "note reason responsible_name subject_name", "organisation"),
    ("reminders.ItemReturn", "checklist_line reason", "item__organisation"),
    ("reminders.ListChange", "reason", "organisation"),
    ("reminders.OutsideDemand", "name asker basis reason", "organisation"),
    ("reminders.AgreedTime", "usual_time agreed_with", "post__organisation"),
    ("reminders.Handover", "leaver_name newcomer_name mentor_name reason", "organisation"),
    ("reminders.HandoverLine", "title detail note question", "handover__organisation"),
    ("reminders.HandoverSignature", "name reason", "handover__organisation"),
    ("records.Record", "title place host topics resolutions", "organisation"),
    ("records.Attendance", "reason", "record__organisation"),
    ("records.Vote", "matter", "record__organisation"),
    ("errorbank.Inspection", "title inspectors clauses", "targets"),
    ("errorbank.Finding", "problem detail measure responsible_name", "organisation"),
    ("errorbank.FindingStep", "text", "finding__organisation"),
    ("errorbank.Recheck", "verifier_name result", "finding__organisation"),
    ("errorbank.Proposal", "words reason", "organisation"),
    ("burden.PlannedVisit", "department title basis clauses materials reason", "targets"),
    ("burden.VisitRevision", "over_reason replaces why", "visit__targets"),
    ("incentives.ContributionEntry", "words reason", "organisation"),
    ("incentives.Nomination", "words evidence answer", "organisation"),
    ("incentives.Appeal", "words answer", "organisation"),
    ("incentives.LevelFact", "words source taken_back_for", "organisation"),
    ("incentives.LevelCase", "statement ended_for", "organisation"),
    ("incentives.LevelWarning", "words delivered_words", "organisation"),
    ("incentives.ReservePlace", "reason ended_for", "organisation"),
    ("incentives.Recommendation", "purpose criterion evidence", "organisation"),
    ("incentives.HonourCase", "reason ended_for", "organisation"),
    ("incentives.HonourStory", "title body", "case__organisation"),
    ("incentives.BranchCondition", "evidence", "organisation"),
    ("training.Session", "title place leader_name outline reason", "branches__organisation"),
    ("training.Duty", "name note", "organisation"),
    ("training.Work", "title body screen_note", "organisation"),
    ("training.Judgement", "comment", "work__organisation"),
    ("training.Output", "title", "organisation"),
    ("training.OutputVersion", "summary body answer", "output__organisation"),
    ("training.OutputUse", "changed", "organisation"),
    ("training.OutputPick", "reason", "output__organisation"),
    ("personal.Correction", "words answer", "organisation"),
)
# Pages of one row each: their addresses, the row and the value that stands in the address.
PAGES = (
    ("branches:organisation_detail", "branches.Organisation", "pk", "pk"),
    ("branches:member_detail", "branches.Member", "memberships__organisation", "pk"),
    ("branches:development_detail", "branches.DevelopmentCase", "member__memberships__organisation", "pk"),
    ("branches:election_detail", "branches.Term", "organisation", "pk"),
    ("reminders:item_detail", "reminders.ItemReturn", "item__organisation", "item"),
    ("reminders:item_detail", "reminders.ReminderItem", "organisation", "pk"),
    ("reminders:handover_detail", "reminders.Handover", "organisation", "pk"),
    ("errorbank:finding_detail", "errorbank.Finding", "organisation", "pk"),
    ("errorbank:inspection_detail", "errorbank.Inspection", "targets", "pk"),
    ("errorbank:recheck_detail", "errorbank.Recheck", "finding__organisation", "pk"),
    ("burden:visit_detail", "burden.PlannedVisit", "targets", "pk"),
    ("burden:demand_detail", "reminders.OutsideDemand", "organisation", "pk"),
    ("incentives:record_detail", "branches.Post", "organisation", "user"),
    ("incentives:record_detail", "branches.Post", "organisation", "member__user"),
    ("incentives:level_person", "branches.Post", "organisation", "member__user"),
    ("incentives:level_case", "incentives.LevelCase", "organisation", "pk"),
    ("incentives:honour_detail", "incentives.HonourCase", "organisation", "call"),
    ("incentives:story_detail", "incentives.HonourStory", "case__organisation", "pk"),
    ("training:session_detail", "training.Session", "branches__organisation", "pk"),
    ("training:work_detail", "training.Work", "organisation", "key"),
    ("training:output_detail", "training.Output", "organisation", "pk"),
)
# What its general branch writes: nobody of another general branch reads it.
OF_OFFICE = (
    ("branches.BusySeason", "name", "organisation"),
    ("reminders.ActionVersion", "name minimal_record change_note", "organisation"),
    ("reminders.SpecialTask", "withdrawn_reason sent_over_reason", "action__organisation"),
    ("burden.MeasureList", "document_number change_note closing_note", "organisation"),
    ("burden.MeasureEntry", "name doing owner indicator formula unit", "measure__organisation"),
    ("burden.MeasureValue", "evidence reason", "measure__organisation"),
    ("burden.AssessmentScheme", "name about", "organisation"),
    ("burden.SchemeVersion", "note", "scheme__organisation"),
    ("burden.SchemeItem", "text", "version__scheme__organisation"),
    ("incentives.PublicNotice", "words stopped_for", "organisation"),
    ("incentives.Objection", "objector_name words answer", "notice__organisation"),
    ("incentives.HonourCall", "name period", "organisation"),
    ("incentives.BonusSheet", "note", "organisation"),
    ("training.Card", "title", "organisation"),
    ("training.CardVersion", "title debrief", "card__organisation"),
    ("training.Contest", "title brief", "organisation"),
    ("training.Criterion", "name", "contest__organisation"),
    ("papers.PaperTemplate", "source title issuer", "organisation"),
)
# Written only together with something else that a row of the demo may not have.
ONLY_FILLED = {
    "incentives.Appeal.answer",
    "incentives.LevelFact.taken_back_for",
    "incentives.LevelWarning.delivered_words",
    "incentives.Objection.answer",
    "personal.Correction.answer",
}
# Never changed once written: the database refuses. A correction is written with the marks.
ONLY_WRITTEN = {"incentives.ContributionEntry", "burden.MeasureValue"}
# Posts, what is taught and what is published name people to the whole general branch; what the branch has
# published itself is for all of it. Marked are those without a post, and what is still written.
NARROWED: dict[str, dict[str, Any]] = {
    "branches.Member.name": {"user": None, "posts": None},
    "incentives.HonourStory.title": {"released_on": None},
    "incentives.HonourStory.body": {"released_on": None},
    "training.Output.title": {"published": None},
    "training.OutputVersion.summary": {"output__published": None},
    "training.OutputVersion.body": {"output__published": None},
}
# Apps whose texts are nobody's business but one person's, or which are not of an organisation.
PERSONAL = {
    "accounts": "of accounts, not of a branch; tests/accounts",
    "axes": "tries to sign in; tests/accounts/test_lockout",
    "audit": "read by auditors and administrators alone; tests/audit",
    "factors": "digests of codes",
    "guide": "names of tours",
    "jobs": "of whoever asked for the work; found through ledgers and rosters",
    "ledgers": "of whoever exported, made from the rows that are marked",
    "notices": "of the recipient; what is written into them after planting is searched",
}
# HonourCase.number is a certificate's, HandoverSignature.content a checksum.
KEYS = re.compile(r"(^|_)(code|key|slug|digest|checksum|lookup|url|path)$|^(sealed_for|number|content)$")
NOT_PLANTED = {
    "branches.Organisation.name": "the names of branches stand on every list of them",
    "branches.Organisation.industry_line": "a word of a list",
    "branches.CalendarDay.name": "public holidays, of no organisation",
    "branches.BusySeason.starts": "a day of the year",
    "branches.BusySeason.ends": "a day of the year",
    "branches.JointPlan.closing_note": "of the general branch, the demo has no plan; tests/branches",
    "branches.JointPlanGroup.name": "of the general branch, the demo has no plan; tests/branches",
    "branches.JointPlanStep.name": "of the general branch, the demo has no plan; tests/branches",
    "branches.JointPlanStep.document": "of the general branch, the demo has no plan; tests/branches",
    "branches.PolicyRule.name": "rules of the portal and of offices; the shipped ones are read by all",
    "branches.PolicyRule.metric": "a word of a list",
    "branches.PolicyRule.operator": "a word of a list",
    "branches.PolicyRule.caution": "rules of the portal and of offices; the shipped ones are read by all",
    "branches.PolicyRule.reason": "rules of the portal and of offices; the shipped ones are read by all",
    "branches.RosterImport.file_name": "of the administrators who import; tests/branches/test_roster_views",
    "branches.RosterImport.refusal": "of the administrators who import; tests/branches/test_roster_views",
    "burden.BoxRecipient.name": "a digest",
    "burden.BoxAnswer.name": "a digest",
    "burden.BoxAnswer.category": "published on the wall, and of no branch; tests/box",
    "burden.BoxAnswer.words": "published on the wall, and of no branch; tests/box",
    "burden.BoxFigure.name": "published on the wall, and of no branch; tests/box",
    "burden.DutyVersion.note": "of the general branch, the demo has none; tests/burden/test_duties",
    "burden.DutyItem.text": "of the general branch, the demo has none; tests/burden/test_duties",
    "burden.DutyItem.decides": "of the general branch, the demo has none; tests/burden/test_duties",
    "burden.DutyItem.basis": "of the general branch, the demo has none; tests/burden/test_duties",
    "burden.FrequencyDecision.department": "of the general branch, the demo has none",
    "burden.FrequencyDecision.clause": "of the general branch, the demo has none",
    "burden.FrequencyDecision.clause_name": "of the general branch, the demo has none",
    "burden.FrequencyDecision.reason": "of the general branch, the demo has none",
    "burden.SurveyRound.half": "a half-year",
    "burden.SurveyBaseline.label": "of the committee, whose figures all below it read",
    "burden.SurveyBaseline.source": "of the committee, whose figures all below it read",
    "burden.VisitRating.department": "an office's name, copied from the inspection",
    "dashboards.Brief.reason": "why a released one was replaced; of the general branch; tests/dashboards",
    "errorbank.EntryVersion.problem": "shipped with the portal and read by all",
    "errorbank.EntryVersion.why_wrong": "shipped with the portal and read by all",
    "errorbank.EntryVersion.wrong_example": "shipped with the portal and read by all",
    "errorbank.EntryVersion.right_example": "shipped with the portal and read by all",
    "errorbank.EntryVersion.measure": "shipped with the portal and read by all",
    "errorbank.EntryVersion.recheck_method": "shipped with the portal and read by all",
    "errorbank.EntryVersion.detection": "a word of a list",
    "errorbank.EntryVersion.search_text": "the words of the others, to be searched",
    "errorbank.EntryVersion.change_note": "shipped with the portal and read by all",
    "errorbank.EntryVersion.review_note": "shipped with the portal and read by all",
    "errorbank.ErrorEntry.retired_reason": "shipped with the portal and read by all",
    "errorbank.Finding.subject": "a key",
    "errorbank.Proposal.rule": "a word of a list",
    "errorbank.Proposal.subject": "a key",
    "incentives.HonourCall.honour": "a word of a list",
    "incentives.LevelPolicy.document": "of the general branch, the demo has none",
    "incentives.LevelPolicy.note": "of the general branch, the demo has none",
    "incentives.WeightPolicy.document": "of the general branch, the demo has none",
    "incentives.WeightPolicy.article": "of the general branch, the demo has none",
    "incentives.WeightPolicy.note": "of the general branch, the demo has none",
    "reminders.ActionVersion.cadence": "a word of a list",
    "reminders.ActionVersion.basis_level": "a word of a list",
    "reminders.Adoption.reason": "of the general branch, the demo has none",
    "reminders.CalendarFeed.label": "of the owner of the link",
    "reminders.HandoverLine.subject": "a key",
    "reminders.ReminderItem.period": "a month",
    "reminders.ReminderItem.subject": "a key",
    "reminders.ReminderItem.settled_by": "a key",
    "reminders.StudyMaterial.title": "of the general branch, the demo has none; tests/reminders/test_packs",
    "reminders.StudyPack.title": "of the general branch, the demo has none; tests/reminders/test_packs",
    "training.Contest.cancelled_for": "of the general branch, the demo has none",
    "reminders.StudyPack.summary": "of the general branch, the demo has none; tests/reminders/test_packs",
}
# Read by all of the general branch, and why. Nobody of another general branch reads any of them.
SHARED = {
    "reminders.OutsideDemand.name": "the register of demands is open to all who are asked",
    "reminders.OutsideDemand.asker": "the register of demands is open to all who are asked",
    "training.OutputUse.changed": "stands beside what is published, to be read by who may use it too",
    "training.OutputPick.reason": "says to all why a published one is put before them",
}
# Read by everybody, in that one place and nowhere else: the wall says which measure a letter led to.
PUBLIC = {"burden.MeasureEntry.name": "/box/wall/"}
MARK = re.compile(r"zq\d{3}qz")
LENGTH = 7


def fields_of(rows: tuple[tuple[str, str, str], ...]) -> list[str]:
    return [f"{label}.{field}" for label, names, _ in rows for field in names.split()]


def marks() -> dict[str, str]:
    """Mark → model and field."""
    return {f"zq{n:03}qz": field for n, field in enumerate(fields_of((*OF_BRANCH, *OF_OFFICE)))}


def texts() -> Iterator[str]:
    """Every text somebody may write, outside the apps of PERSONAL; keys are told by their name."""
    for model in apps.get_models():
        if not (model.__module__.startswith("django.") or model._meta.app_label in PERSONAL):
            yield from (
                f"{model._meta.label}.{field.name}" for field in model._meta.local_fields if _is_text(field)
            )


def _is_text(field: "Field[Any, Any]") -> bool:
    written = isinstance(field, CharField | TextField) and not isinstance(field, UUIDField)
    return written and not field.choices and not KEYS.search(field.name)


def rows_of(label: str, way: str, place: int) -> QuerySet[Model]:
    """Rows of this place and of no other."""
    rows: QuerySet[Model] = apps.get_model(label)._base_manager.all()
    others = Organisation.objects.exclude(pk=place).values("pk")
    return rows.filter(**{way: place}).exclude(pk__in=rows.filter(**{f"{way}__in": others}).values("pk"))


def plant(rows: tuple[tuple[str, str, str], ...], place: Organisation) -> set[str]:
    """Put each mark before what stands in its field; returns the fields that had a row."""
    by_field = {field: mark for mark, field in marks().items()}
    found = set[str]()
    for label, names, way in rows:
        model = apps.get_model(label)
        here = list(rows_of(label, way, place.pk).values_list("pk", flat=True))
        if label in ONLY_WRITTEN:
            found |= _written(label, names, here, by_field)
            continue
        for name in names.split():
            field = f"{label}.{name}"
            mine = model._base_manager.filter(pk__in=here, **NARROWED.get(field, {}))
            if field in ONLY_FILLED:
                mine = mine.exclude(**{name: ""})
            longest = model._meta.get_field(name).max_length
            text: Any = Left(F(name), longest - LENGTH) if longest else F(name)
            if mine.update(**{name: Concat(Value(by_field[field]), text)}):
                found.add(field)
    return found


def _written(label: str, names: str, here: list[int], by_field: dict[str, str]) -> set[str]:
    fields = {name: f"{label}.{name}" for name in names.split()}
    row: Any = apps.get_model(label)._base_manager.filter(pk__in=here, corrects=None).latest("pk")
    row.corrects_id, row.pk = row.pk, None
    if hasattr(row, "weight"):
        row.weight = -row.weight
    for name, field in fields.items():
        setattr(row, name, by_field[field])
    row.save()
    return set(fields.values())
