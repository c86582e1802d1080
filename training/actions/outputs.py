"""Writing outputs, authors' agreement, review, use by other branches and the pick of a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.calendar import work_calendar
from branches.models import Organisation
from branches.rules import Refusal
from training.actions.duties import DutyData, ask, settle
from training.actions.outputs_telling import tell_credit, tell_reviewed, tell_used
from training.models import Output, OutputAuthor, OutputPick, OutputUse, OutputVersion
from training.rules.duties import DutyKind
from training.rules.outputs import REVIEW_WITHIN, UNDECIDED, OutputKind, OutputState, after_credit


class OutputRefused(Refusal):
    """It cannot be done so; str() says what to do."""


NOT_WRITABLE = "这份成果正在等作者确认或审核，现在不能改；要改，请等审核退回或通过以后再改。"
NOT_WAITING = "这份成果不在审核中，请重新打开页面查看。"
CHANGED_MEANWHILE = "这份成果刚被其他作者改过，请重新打开，核对后再改。"


@dataclass(frozen=True)
class OutputData:
    """What an output says; `authors`: everybody whose name stands on it besides the writer."""

    kind: OutputKind
    topic: str
    title: str
    summary: str
    body: str
    authors: Sequence[User] = ()


@transaction.atomic
def add_output(place: Organisation, *, data: OutputData, by: User) -> Output:
    """Begin an output as a draft. Raises OutputRefused where the branch already has one of that name."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    _refuse_double(place, data.title)
    library = place.parent if place.is_branch and place.parent else place
    output = Output.objects.create(
        organisation=place,
        library=library,
        kind=data.kind,
        topic=data.topic,
        title=data.title,
        made_by=by,
    )
    version = OutputVersion.objects.create(
        output=output, number=1, summary=data.summary, body=data.body, made_by=by
    )
    _name_authors(version, data, by)
    audit.record("training.output_added", by=by, target=output, detail={"authors": len(data.authors) + 1})
    return output


@transaction.atomic
def change_output(output: Output, *, data: OutputData, by: User, seen: int) -> OutputVersion:
    """Change the draft, or begin the next version of what is published. Raises OutputRefused.

    `seen`: the revision of the draft that was open on the screen; 0 for a new version.
    """
    row = Output.objects.select_for_update().get(pk=output.pk)
    version = row.versions.filter(state__in=sorted(UNDECIDED)).first()
    if version is None:
        number = row.versions.count() + 1
        version = OutputVersion(output=row, number=number, made_by=by)
    elif not version.is_writable:
        raise OutputRefused(NOT_WRITABLE)
    elif version.revision != seen:
        raise OutputRefused(CHANGED_MEANWHILE)
    _refuse_double(row.organisation, data.title, besides=row)
    version.summary, version.body, version.state = data.summary, data.body, OutputState.DRAFT
    version.revision += 1
    version.save()
    if row.published_id is None:
        row.kind, row.topic, row.title = data.kind, data.topic, data.title
        row.save(update_fields=["kind", "topic", "title"])
    _name_authors(version, data, by)
    # Who agreed, agreed to other words.
    version.authors.update(agreed_on=None)
    audit.record("training.output_changed", by=by, target=row, detail={"version": version.number})
    return version


@transaction.atomic
def submit_output(output: Output, *, by: User, on: date) -> OutputVersion:
    """Hand the draft in: first every author agrees to be named, then it is reviewed. Raises OutputRefused."""
    version = _undecided(output)
    if not version.is_writable:
        raise OutputRefused(NOT_WRITABLE)
    version.authors.filter(user=by).update(agreed_on=on)
    _move_on(version, on=on)
    if version.waits_for_authors:
        tell_credit(version, by=by)
    audit.record("training.output_submitted", by=by, target=output, detail={"version": version.number})
    return version


@transaction.atomic
def answer_credit(output: Output, *, agrees: bool, by: User, on: date) -> OutputVersion:
    """An author agrees to be named, or wants the name taken off. Raises OutputRefused when nobody asks."""
    version = _undecided(output)
    mine = version.authors.filter(user=by, agreed_on=None)
    if not version.waits_for_authors or not mine.exists():
        raise OutputRefused("署名已经确认过了，不用再确认。")
    if agrees:
        mine.update(agreed_on=on)
    else:
        mine.delete()
    _move_on(version, on=on)
    event = "training.output_credit_agreed" if agrees else "training.output_credit_declined"
    audit.record(event, by=by, target=output, detail={"version": version.number})
    return version


@transaction.atomic
def review_output(version: OutputVersion, *, accept: bool, answer: str, by: User, on: date) -> OutputVersion:
    """Publish it or give it back with what is to be mended. Raises OutputRefused; no author reviews."""
    row = _undecided(version.output)
    if row.pk != version.pk or not row.waits_for_review:
        raise OutputRefused(NOT_WAITING)
    wrote = OutputAuthor.objects.filter(version__output=row.output_id, user=by).exists()
    if wrote or by.pk in (row.made_by_id, row.output.made_by_id):
        raise OutputRefused("您是这份成果的作者或报送人，请由其他人员审核。")
    if not (accept or answer.strip()):
        raise OutputRefused("请写明需要改什么，作者会看到。")
    row.state = OutputState.PUBLISHED if accept else OutputState.RETURNED
    row.answer, row.reviewed_by, row.reviewed_on = answer.strip(), by, on
    if accept:
        _publish(row, on)
    row.save(update_fields=["state", "answer", "reviewed_by", "reviewed_on"])
    settle(DutyKind.REVIEW, row.pk, by=by, on=on)
    tell_reviewed(row, by=by)
    audit.record("training.output_reviewed", by=by, target=row.output, detail={"accepted": accept})
    return row


@transaction.atomic
def use_output(
    output: Output, place: Organisation, *, changed: str, since: date, by: User, on: date
) -> OutputUse:
    """A branch says that it works by it and what that changed; saying it again changes what it said.

    Raises OutputRefused for one's own, for what is not published, for nothing said.
    """
    if output.published_id is None:
        raise OutputRefused("这份成果还没有入库，入库以后再登记。")
    if place.pk == output.organisation_id:
        raise OutputRefused("这是本支部自己的成果，不用登记；登记的是其他支部用起来的情况。")
    if not changed.strip():
        raise OutputRefused("请写一句用了以后有什么变化；只有写明的才计入“在用”。")
    if since > on:
        raise OutputRefused("开始使用的日期还没有到，用起来以后再登记。")
    said = {"changed": changed.strip(), "since": since, "said_by": by}
    use, made = OutputUse.objects.update_or_create(
        output=output, organisation=place, defaults=said, create_defaults={**said, "said_on": on}
    )
    if made:
        tell_used(use, by=by)
    audit.record("training.output_used", by=by, target=output, detail={"organisation": place.code})
    return use


@transaction.atomic
def drop_use(use: OutputUse, *, by: User) -> None:
    """The branch does not work by it, or said so by mistake: it is counted no longer."""
    audit.record(
        "training.output_use_dropped",
        by=by,
        target=use.output,
        detail={"organisation": use.organisation.code},
    )
    OutputUse.objects.filter(pk=use.pk).delete()


@transaction.atomic
def pick_output(output: Output, *, reason: str, by: User, on: date) -> OutputPick:
    """The pick of this month in its library; a second one takes the place of the first."""
    if output.published_id is None:
        raise OutputRefused("这份成果还没有入库，入库以后再推荐。")
    if not reason.strip():
        raise OutputRefused("请写推荐理由，各支部会看到。")
    pick, _ = OutputPick.objects.update_or_create(
        library=output.library,
        month=on.replace(day=1),
        defaults={"output": output, "reason": reason.strip(), "made_by": by},
    )
    audit.record("training.output_picked", by=by, target=output, detail={"month": f"{on:%Y-%m}"})
    return pick


def _undecided(output: Output) -> OutputVersion:
    Output.objects.select_for_update().get(pk=output.pk)
    rows = OutputVersion.objects.select_related("output__organisation", "output__library")
    version = rows.filter(output=output, state__in=sorted(UNDECIDED)).first()
    if version is None:
        raise OutputRefused(NOT_WAITING)
    return version


def _move_on(version: OutputVersion, *, on: date) -> None:
    """To the reviewer, or to the authors who have not agreed yet."""
    rows = list(version.authors.values_list("user", "agreed_on"))
    agreed = [user for user, day in rows if day]
    version.state = after_credit([user for user, _ in rows], agreed)
    version.save(update_fields=["state"])
    if version.waits_for_review:
        due = work_calendar().on_or_after(on + REVIEW_WITHIN)
        name = f"审核成果：{version.output.title}"
        note = f"{version.output.organisation.name}报送"
        ask([version.output.library], data=DutyData(DutyKind.REVIEW, version.pk, name, due, note), on=on)


def _publish(version: OutputVersion, on: date) -> None:
    output = version.output
    output.versions.filter(state=OutputState.PUBLISHED).update(state=OutputState.SUPERSEDED)
    output.published = version
    output.first_published_on = output.first_published_on or on
    output.save(update_fields=["published", "first_published_on"])


def _name_authors(version: OutputVersion, data: OutputData, by: User) -> None:
    keys = {by.pk, *(author.pk for author in data.authors)}
    version.authors.exclude(user__in=keys).delete()
    rows = [OutputAuthor(version=version, user_id=key) for key in sorted(keys)]
    OutputAuthor.objects.bulk_create(rows, ignore_conflicts=True)


def _refuse_double(place: Organisation, title: str, *, besides: Output | None = None) -> None:
    same = Output.objects.filter(organisation=place, title=title)
    same = same.exclude(pk=besides.pk) if besides else same
    if same.exists():
        raise OutputRefused("本单位已有同名的成果，请打开那一份修改，或换一个名称。")
