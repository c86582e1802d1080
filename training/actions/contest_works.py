"""Handing works in, changing and withdrawing them, screening them, and the applause they got."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from training.actions.contests import ContestRefused, locked
from training.actions.contests_telling import tell_screened
from training.models import Contest, Work, WorkAuthor
from training.queries.contests import authors_of_place, may_change, may_withdraw
from training.rules.contests import WorkState, names_in, names_of_branch

NOT_CHANGEABLE = "这份作品现在不能改：征集已经截止，或者已经通过初审。"
NOT_WAITING = "这份作品不在初审中，请重新打开页面查看。"
OTHER_WORDING = "作者刚改过这份作品，请重新打开，看过新的正文再定。"


@dataclass(frozen=True)
class WorkData:
    title: str
    body: str
    authors: Sequence[User]


@transaction.atomic
def submit_work(contest: Contest, place: Organisation, *, data: WorkData, by: User, on: date) -> Work:
    """Hand a work in. Raises ContestRefused out of the call, for a name in the text, for a second one."""
    row = locked(contest)
    if not row.is_calling or on > row.call_until:
        raise ContestRefused("现在不在征集期，不能报送作品。")
    _refuse_unfit(row, place, data, by, on)
    work = Work.objects.create(
        contest=row,
        organisation=place,
        title=data.title,
        body=data.body,
        submitted_by=by,
        submitted_on=on,
    )
    _name_authors(work, data)
    audit.record("training.work_submitted", by=by, target=work, detail={"authors": len(data.authors)})
    return work


@transaction.atomic
def change_work(work: Work, *, data: WorkData, by: User, on: date) -> Work:
    """Hand it in again in other words. Raises ContestRefused when it may not be changed any longer."""
    row = _locked_work(work)
    if not may_change(row, on=on):
        raise ContestRefused(NOT_CHANGEABLE)
    _refuse_unfit(row.contest, row.organisation, data, by, on, besides=row)
    row.title, row.body, row.state, row.revision = (
        data.title,
        data.body,
        WorkState.SUBMITTED,
        row.revision + 1,
    )
    row.save(update_fields=["title", "body", "state", "revision"])
    _name_authors(row, data)
    audit.record("training.work_changed", by=by, target=row)
    return row


@transaction.atomic
def withdraw_work(work: Work, *, by: User) -> Work:
    row = _locked_work(work)
    if not may_withdraw(row):
        raise ContestRefused("评审已经开始，或者作品已经撤回，不能再撤回。")
    row.state = WorkState.WITHDRAWN
    row.save(update_fields=["state"])
    audit.record("training.work_withdrawn", by=by, target=row)
    return row


@transaction.atomic
def screen_work(work: Work, *, accept: bool, note: str, seen: int, by: User) -> Work:
    """Let it go to the judges, or give it back with what is to be mended. Raises ContestRefused."""
    row = _locked_work(work)
    if not row.contest.is_screening or not row.waits_for_screening:
        raise ContestRefused(NOT_WAITING)
    if row.revision != seen:
        raise ContestRefused(OTHER_WORDING)
    if row.submitted_by_id == by.pk or row.authors.filter(user=by).exists():
        raise ContestRefused("您是这份作品的作者或报送人，请由其他人员初审。")
    if not (accept or note.strip()):
        raise ContestRefused("请写明需要改什么，作者会看到。")
    row.state = WorkState.ACCEPTED if accept else WorkState.RETURNED
    row.screen_note, row.screened_by = note.strip(), by
    row.save(update_fields=["state", "screen_note", "screened_by"])
    tell_screened(row, by=by)
    audit.record("training.work_screened", by=by, target=row, detail={"accepted": accept})
    return row


@transaction.atomic
def count_applause(contest: Contest, *, counts: Mapping[str, int | None], by: User) -> int:
    """What staff counted, by the key of the work; it is no part of the result. Returns how many changed."""
    row, changed = locked(contest), 0
    if row.is_cancelled:
        raise ContestRefused("竞赛已经取消，不用再登记掌声。")
    for work in row.works.accepted().filter(key__in=list(counts)).order_by("key"):
        if work.applause != counts[work.key]:
            work.applause, changed = counts[work.key], changed + 1
            work.save(update_fields=["applause"])
    audit.record("training.applause_counted", by=by, target=row, detail={"works": changed})
    return changed


def _locked_work(work: Work) -> Work:
    contest = locked(work.contest)
    row = Work.objects.select_related("organisation").get(pk=work.pk)
    row.contest = contest
    return row


def _name_authors(work: Work, data: WorkData) -> None:
    keys = {author.pk for author in data.authors}
    work.authors.exclude(user__in=keys).delete()
    rows = [WorkAuthor(work=work, user_id=key) for key in sorted(keys)]
    WorkAuthor.objects.bulk_create(rows, ignore_conflicts=True)


def _refuse_unfit(
    contest: Contest, place: Organisation, data: WorkData, by: User, on: date, *, besides: Work | None = None
) -> None:
    if not data.authors:
        raise ContestRefused("请至少选择一位作者。")
    there = authors_of_place(Organisation.objects.filter(pk=place.pk), on=on)
    there |= User.objects.filter(pk__in=besides.authors.values("user")) if besides else User.objects.none()
    keys = set(there.values_list("pk", flat=True))
    if strangers := [author.name for author in data.authors if author.pk not in keys]:
        raise ContestRefused(f"{'、'.join(strangers)}不在{place.name}任职，作者请从报送支部中选。")
    branch = names_of_branch(place.name, above=contest.organisation.name)
    _refuse_names(data, [*branch, by.name, *(author.name for author in data.authors)])
    same = contest.works.filter(organisation=place, title=data.title).exclude(state=WorkState.WITHDRAWN)
    if (same.exclude(pk=besides.pk) if besides else same).exists():
        raise ContestRefused("本支部已报送过同名的作品，请打开那一份修改，或换一个名称。")


def _refuse_names(data: WorkData, names: Collection[str]) -> None:
    found = [
        f"{where}里有“{'”“'.join(dict.fromkeys(hits))}”"
        for where, hits in (("名称", names_in(data.title, names)), ("正文", names_in(data.body, names)))
        if hits
    ]
    if found:
        raise ContestRefused(f"评审不公开作者：{'，'.join(found)}，请删去或改成“本支部”“某同志”。")
