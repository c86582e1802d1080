"""The page on which the fact behind an item is registered: registering it there closes the item by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from branches.models import DevelopmentCase, Member, Organisation, Term
from branches.rules.development import RECURRING, STEPS
from branches.rules.development_order import SUPERIOR_STEPS
from errorbank.models import Finding
from errorbank.queries.rechecks import rechecks_for
from records.rules import ATTENDED_KINDS, RecordKind
from reminders.models import ReminderItem
from reminders.queries.anchors import (
    BLOCKED,
    ERROR_FOUND,
    HEADCOUNT,
    OWN_STEPS,
    TRAINING_DUTY,
    UNARCHIVED,
    UNDETERMINED,
    UNREPORTED,
    UNREVIEWED,
    UNTRAINED,
    step_anchor,
)
from reminders.queries.errors import RECHECK
from reminders.queries.settling import settling_key
from training.models import Duty
from training.rules.duties import LABELS, PAGES, DutyKind

VIEW_CASE, EDIT_CASE = "branches.view_development", "branches.edit_development"
RECORD_SUPERIOR = "branches.record_superior_step"
# The step of recruiting that settles each matter.
STEP_OF: Mapping[str, int] = {
    "application_received": 2,
    "talk_done": 3,
    "activist_review": 6,
    "activist_date": 7,
    UNDETERMINED: 7,
    "development_target_date": 10,
    UNREVIEWED: 10,
    UNTRAINED: 11,
    "training_done": 13,
    "pre_review_passed": 15,
    "admission_meeting_date": 17,
    "approval_notice_date": 20,
    "probationary_education": 21,
    "probation_end": 23,
    UNARCHIVED: 25,
    **{step_anchor(number): number for number in OWN_STEPS},
}
# Kinds whose half-page record holds what the fact does not: who came, or which paper.
KEPT_KINDS = ATTENDED_KINDS | {RecordKind.DOCUMENT}


@dataclass(frozen=True)
class Direct:
    """`registers`: this reader may register the fact there; otherwise it can only be looked at."""

    url: str
    label: str
    hint: str
    registers: bool = True


def is_direct(item: ReminderItem) -> bool:
    """Whether a page of facts may close this item; no query where version and action are there."""
    matter = settling_key(item.action.code, item.version.due_rule)
    return matter in STEP_OF or matter in _PAGES


def direct_of(item: ReminderItem, user: User, *, on: date) -> Direct | None:
    """The page for this reader; None when there is none or the reader may not see it."""
    matter = settling_key(item.action.code, item.version.due_rule)
    if matter in STEP_OF:
        return _of_person(item, user, STEP_OF[matter], on=on)
    page = _PAGES.get(matter)
    return page(item, user, on) if page else None


# --- a person's way into the Party --------------------------------------------------------------------


def _of_person(item: ReminderItem, user: User, number: int, *, on: date) -> Direct | None:
    mine = DevelopmentCase.objects.permitted_to(user, VIEW_CASE, on=on).ongoing()
    case = _case_of(item, mine).first()
    if case is None:
        return _opening(item, user, on=on)
    permission = RECORD_SUPERIOR if number in SUPERIOR_STEPS else EDIT_CASE
    if not DevelopmentCase.objects.permitted_to(user, permission, on=on).filter(pk=case.pk).exists():
        hint = f"“{STEPS[number].name}”由上级党组织登记，登记后这一项自动办结。"
        return Direct(reverse("branches:development_detail", args=[case.pk]), "查看发展党员档案", hint, False)
    hint = f"登记“{STEPS[number].name}”后，这一项自动办结，不用再填一次。"
    if case.next_step != number and number not in RECURRING:
        return Direct(reverse("branches:development_detail", args=[case.pk]), "到发展党员档案登记", hint)
    return Direct(reverse("branches:development_record", args=[case.pk, number]), "登记这一步", hint)


def _case_of(item: ReminderItem, cases: QuerySet[DevelopmentCase]) -> QuerySet[DevelopmentCase]:
    kind, pk = subject_of(item)
    if kind in ("case", "blocked"):
        return cases.filter(pk=pk)
    return cases.filter(member__events=pk) if kind == "event" else cases.filter(member=pk)


def _opening(item: ReminderItem, user: User, *, on: date) -> Direct | None:
    """Who is in the roster without a case gets one first."""
    kind, pk = subject_of(item)
    people = Member.objects.permitted_to(user, EDIT_CASE, on=on)
    person = people.filter(**{"events" if kind == "event" else "pk": pk}).first()
    if person is None or kind not in ("event", "member"):
        return None
    url = f"{reverse('branches:development_add')}?{urlencode({'member': person.pk})}"
    hint = f"{person.name}还没有发展党员档案；建档后在档案里登记，这一项自动办结。"
    return Direct(url, "建立发展党员档案", hint)


def _blocked(item: ReminderItem, user: User, on: date) -> Direct | None:
    case = _case_of(item, DevelopmentCase.objects.permitted_to(user, VIEW_CASE, on=on)).first()
    if case is None:
        return None
    url = reverse("branches:development_detail", args=[case.pk])
    return Direct(url, "打开发展党员档案", "按档案里的提示补正后，这一项自动办结。")


# --- the organisation ------------------------------------------------------------------------------------


def _may(item: ReminderItem, user: User, permission: str, on: date) -> bool:
    places = Organisation.objects.permitted_to(user, permission, on=on)
    return places.filter(pk=item.organisation_id).exists()


def _election(item: ReminderItem, user: User, on: date) -> Direct | None:
    term = Term.objects.filter(pk=subject_of(item)[1]).first()
    if term is None or not _may(item, user, "branches.view_election", on):
        return None
    url = reverse("branches:election_detail", args=[term.pk])
    what = "报批备案" if settling_key(item.action.code, item.version.due_rule) == UNREPORTED else "选举结果"
    if _may(item, user, "branches.edit_election", on):
        return Direct(url, "登记换届环节和结果", f"登记{what}后，这一项自动办结，不用再填一次。")
    return Direct(url, "查看换届环节", f"党总支登记{what}后，这一项自动办结。", False)


def _by_election(item: ReminderItem, user: User, on: date) -> Direct | None:
    if not _may(item, user, "branches.edit_post", on):
        return None
    url = reverse("branches:post_add", args=[item.organisation_id])
    return Direct(url, "登记新的任职", "登记补选产生的任职后，这一项自动办结，不用再填一次。")


def _headcount(item: ReminderItem, user: User, on: date) -> Direct | None:
    if not _may(item, user, "branches.view_organisation", on):
        return None
    url = reverse("branches:organisation_outlook", args=[item.organisation_id])
    return Direct(url, "查看人数预测", "人数恢复后这一项自动办结；报批调整的，请登记请示和批复。")


def _away(item: ReminderItem, user: User, on: date) -> Direct | None:
    person = Member.objects.permitted_to(user, "branches.edit_member", on=on).filter(
        events=subject_of(item)[1]
    )
    if (found := person.first()) is None:
        return None
    url = reverse("branches:event_add", args=[found.pk])
    return Direct(url, "登记转出或返回", "登记组织关系转出或返回后，这一项自动办结。")


# --- the error bank ----------------------------------------------------------------------------------------


def _error(item: ReminderItem, user: User, on: date) -> Direct | None:
    kind, pk = subject_of(item)
    return _recheck(pk, user, on) if kind == RECHECK else _finding(pk, user, on)


def _finding(pk: int, user: User, on: date) -> Direct | None:
    if not Finding.objects.permitted_to(user, "errorbank.rectify", on=on).filter(pk=pk).exists():
        return None
    url = reverse("errorbank:finding_detail", args=[pk])
    return Direct(url, "办理整改", "提交整改结果后，这一项自动办结，不用再填一次。")


def _recheck(pk: int, user: User, on: date) -> Direct | None:
    """Who may answer it, that page itself decides."""
    if not rechecks_for(user, on=on).filter(pk=pk).exists():
        return None
    url = reverse("errorbank:recheck_detail", args=[pk])
    return Direct(url, "去复查", "登记复查结果后，这一项自动办结，不用再填一次。")


def _duty(item: ReminderItem, user: User, on: date) -> Direct | None:
    """Who may do what there, that page itself decides."""
    duty = Duty.objects.standing().filter(pk=subject_of(item)[1]).first()
    if duty is None or duty.kind not in PAGES:
        return None
    kind = DutyKind(duty.kind)
    return Direct(
        reverse(PAGES[kind], args=[duty.subject]),
        LABELS[kind],
        "在那里登记后，这一项自动办结，不用再填一次。",
    )


_PAGES = {
    "term_end": _election,
    UNREPORTED: _election,
    "office_vacated": _by_election,
    HEADCOUNT: _headcount,
    "unit_changed_or_away_6_months": _away,
    BLOCKED: _blocked,
    ERROR_FOUND: _error,
    TRAINING_DUTY: _duty,
}


def subject_of(item: ReminderItem) -> tuple[str, int]:
    """ "event:5:2" → ("event", 5); 0 where the subject names no row."""
    kind, _, rest = item.subject.partition(":")
    number = rest.partition(":")[0].partition("#")[0]
    return kind.partition("#")[0], int(number) if number.isdecimal() else 0
