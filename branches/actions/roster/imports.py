"""One uploaded roster: kept sealed, previewed by the worker, and written or let go by a person."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from audit import actions as audit
from branches.actions.roster.notices import notices_of
from branches.actions.roster.packing import pack_rows, unpack_rows
from branches.actions.roster.reading import RosterFile, Tick, digest_of, plan_for, read_roster
from branches.actions.roster.writing import RosterChanged, write_plan
from branches.models import Member, Organisation, RosterImport
from branches.models.organisation import OrganisationQuerySet
from branches.queries.roster import IMPORT
from branches.rules import Refusal, RosterImportState
from branches.rules.roster.columns import Key
from branches.rules.roster.plan import Outcome, Plan
from branches.sealed import digest, open_json, seal_json
from jobs.actions import JobCancelledError, JobNotOpenError, cancel, complete, enqueue, fail, progress, stop
from jobs.models import Job
from ledgers.sheets.cells import SheetRefused
from ledgers.sheets.gate import check_workbook

PREVIEW_JOB = "branches.tasks.preview_roster"
KEEP_FILES = timedelta(hours=24)
TOO_OLD = "超过 24 小时没有确认，文件已清除，请重新上传。"
CANCELLED = "已按要求取消，文件已清除。"
NO_RIGHT = "上传之后，您在这个组织的权限有了变化，请重新上传。"


class ImportDecided(Refusal):
    """Somebody has confirmed or let go of it already."""

    def __init__(self) -> None:
        super().__init__("这份名册已经处理过，请在下面的记录中查看结果。")


class NotYourFile(Refusal):
    """The file as it came holds id numbers in full: it goes back to who sent it alone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"带错误说明的文件含完整的身份证号，只能由上传人{name}下载。")


class FutureRoster(Refusal):
    """A roster describes a day that has come."""

    def __init__(self) -> None:
        super().__init__("名册日期还没有到，请填写今天或以前的日期。")


@dataclass(frozen=True)
class Preview:
    """What the page of a previewed roster shows; id numbers are masked throughout."""

    problems: Sequence[Mapping[str, Any]]
    rows: Sequence[Mapping[str, Any]]
    missing: Sequence[Mapping[str, Any]]
    dropped: Sequence[str]
    notices: Sequence[str]


def request_import(
    organisation: Organisation, *, content: bytes, file_name: str, roster_day: date, by: User, today: date
) -> RosterImport:
    """Keep the file sealed and ask for its preview; the same file sent twice is one import.

    Raises WorkbookRefused when the file is none of ours, FutureRoster.
    """
    if roster_day > today:
        raise FutureRoster
    check_workbook(content, file_name)
    word = digest(hashlib.sha256(content).hexdigest())
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # a second click waits and finds the first import
        waiting = RosterImport.objects.filter(
            made_by=by,
            organisation=organisation,
            roster_day=roster_day,
            state=RosterImportState.WAITING,
            job__parameters__content=word,
        ).first()
        return waiting or _keep(organisation, content, file_name, roster_day, by, word)


def _keep(
    organisation: Organisation, content: bytes, file_name: str, roster_day: date, by: User, word: str
) -> RosterImport:
    return RosterImport.objects.create(
        organisation=organisation,
        file_name=file_name[-200:],
        roster_day=roster_day,
        payload=seal_json({"content": base64.b64encode(content).decode()}),
        made_by=by,
        job=enqueue(PREVIEW_JOB, owner=by, parameters={"content": word}),
    )


def preview_import(job: Job, *, on: date) -> None:
    """Do a claimed job: read the file, plan every row, keep the preview sealed.

    Every outcome but a lost row is written down. Raises JobLostError.
    """
    row = RosterImport.objects.filter(job=job, state=RosterImportState.WAITING).first()
    if row is None:
        return stop(job)
    try:
        values = _previewed(row, on=on, tick=lambda done, total: progress(job, done, total=total))
        with transaction.atomic():
            complete(job)
            _waiting(row).update(state=RosterImportState.PREVIEWED, **values)
    except JobCancelledError:
        stop(job)
        _close(row, RosterImportState.DISCARDED, CANCELLED)
    except (SheetRefused, Refusal) as refusal:
        fail(job, str(refusal))
        _close(row, RosterImportState.REFUSED, str(refusal))
    return None


def _previewed(row: RosterImport, *, on: date, tick: Tick) -> dict[str, Any]:
    kept = open_json(row.payload or b"")
    reach = _reach(row, row.made_by, on=on)
    content = base64.b64decode(kept["content"])
    read = read_roster(content, row.file_name, organisation=row.organisation, day=row.roster_day, tick=tick)
    plan, known = plan_for(read.rows, row.organisation, reach=reach, day=row.roster_day, today=on, tick=tick)
    tick(len(read.rows), len(read.rows))
    told = notices_of(plan, known, day=row.roster_day)
    shown = asdict(preview_of(plan, read, [*read.notices, *told]))
    packed = {"content": kept["content"], "rows": pack_rows(read.rows), "shown": shown}
    packed["heading_rows"] = read.heading_rows
    return {"payload": seal_json(packed), "counts": plan.counts, "digest": digest_of(plan)}


def _reach(row: RosterImport, user: User, *, on: date) -> OrganisationQuerySet:
    """The organisations whose people this person may touch. Raises Refusal when theirs is none of them."""
    reach = Organisation.objects.permitted_to(user, IMPORT, on=on)
    if not reach.filter(pk=row.organisation_id).exists():
        raise Refusal(NO_RIGHT)
    return reach


def preview_of(plan: Plan, read: RosterFile, notices: Sequence[str]) -> Preview:
    names = {Outcome.NEW: "新登记", Outcome.CHANGED: "有变化"}
    rows = [
        {
            "sheet": row.row.sheet,
            "number": row.row.number,
            "person": row.person,
            "name": row.row.written.get(Key.NAME, ""),
            "outcome": row.outcome,
            "label": names[row.outcome],
            "changes": [asdict(change) for change in row.changes],
            "facts": [row.row.written.get(key, "") for key in (Key.ORGANISATION, Key.STATUS, Key.JOINED_ON)],
        }
        for row in plan.rows
        if row.outcome in names
    ]
    return Preview(
        [{**asdict(problem), "sentence": problem.sentence} for problem in plan.problems],
        rows,
        [asdict(person) for person in plan.missing],
        read.dropped,
        notices,
    )


def preview_kept(row: RosterImport) -> Preview:
    """The preview of an import that waits for its decision. Raises SealRefused."""
    return Preview(**open_json(row.payload or b"")["shown"])


@transaction.atomic
def error_file(row: RosterImport, *, by: User) -> tuple[bytes, dict[str, dict[int, str]], dict[str, int]]:
    """The same for who sent the file: it shows id numbers in full. Raises NotYourFile, SealRefused."""
    if row.made_by_id != by.pk:
        raise NotYourFile(row.made_by.name)
    kept = kept_file(row)
    audit.record("branches.roster_errors_taken", by=by, target=row.organisation, detail={"import": row.pk})
    return kept


def kept_file(row: RosterImport) -> tuple[bytes, dict[str, dict[int, str]], dict[str, int]]:
    """The file as it came, the sentences of its error column, and where its headings stand."""
    kept = open_json(row.payload or b"")
    lines: dict[str, dict[int, str]] = {sheet: {} for sheet in kept["heading_rows"]}
    for problem in kept["shown"]["problems"]:
        told = lines[problem["sheet"]]
        told[problem["row"]] = told.get(problem["row"], "") + problem["sentence"]
    return base64.b64decode(kept["content"]), lines, kept["heading_rows"]


@transaction.atomic
def commit_import(row: RosterImport, *, by: User, today: date) -> RosterImport:
    """Write the previewed roster, once. Raises ImportDecided, RosterChanged, RosterHasErrors, SealRefused."""
    # Every waiting import, in one order: of two confirmed at once the second sees what the first wrote.
    # Without their files, which are up to ten megabytes each.
    every = RosterImport.objects.open().select_for_update().defer("payload").order_by("pk")
    waiting = {each.pk: each for each in every}
    held = waiting.get(row.pk)
    if held is None or held.state != RosterImportState.PREVIEWED:
        raise ImportDecided
    rows = unpack_rows(open_json(held.payload or b"")["rows"])
    reach = _reach(held, by, on=today)
    hold_people(reach, on=today)
    plan, known = plan_for(rows, held.organisation, reach=reach, day=held.roster_day, today=today)
    if digest_of(plan) != held.digest:
        raise RosterChanged
    write_plan(plan, known, by=by, today=today)
    _close(held, RosterImportState.COMMITTED)
    write_down(held.organisation, plan, day=held.roster_day, by=by, file_name=held.file_name)
    row.refresh_from_db()
    return row


def hold_people(reach: OrganisationQuerySet | None, *, on: date) -> None:
    """Lock everybody the roster may touch: their spans are made anew from what is read of them."""
    people = Member.objects.all() if reach is None else Member.objects.of_organisations(reach, on=on)
    list(people.select_for_update().order_by("pk").values_list("pk", flat=True))


def write_down(organisation: Organisation, plan: Plan, *, day: date, by: User | None, file_name: str) -> None:
    detail = {"file": file_name, "roster_day": day, "counts": plan.counts, "missing": len(plan.missing)}
    audit.record("branches.roster_imported", by=by, target=organisation, detail=detail)


@transaction.atomic
def preview_again(row: RosterImport, *, by: User) -> RosterImport:
    """Ask for a new preview of the same file over what is registered now. Raises ImportDecided."""
    held = RosterImport.objects.open().select_for_update().filter(pk=row.pk).first()
    if held is None:
        raise ImportDecided
    if held.job and held.job.is_open:
        return held
    kept = open_json(held.payload or b"")
    word = digest(hashlib.sha256(base64.b64decode(kept["content"])).hexdigest())
    held.payload = seal_json({"content": kept["content"]})
    held.state, held.digest, held.counts = RosterImportState.WAITING, "", {}
    held.job = enqueue(PREVIEW_JOB, owner=by, parameters={"content": word})
    held.save(update_fields=["payload", "state", "digest", "counts", "job"])
    return held


@transaction.atomic
def discard_import(row: RosterImport, *, by: User) -> None:
    """Let the file go; a preview that runs stops. Raises ImportDecided."""
    held = RosterImport.objects.open().select_for_update().filter(pk=row.pk).first()
    if held is None:
        raise ImportDecided
    _stop_job(held)
    _close(held, RosterImportState.DISCARDED, CANCELLED)
    audit.record("branches.roster_discarded", by=by, target=held.organisation)


def forget_old_imports(*, now: datetime) -> int:
    """Empty what nobody decided within a day; returns how many. Safe to run at any time."""
    old = (
        RosterImport.objects.open()
        .filter(made_at__lt=now - KEEP_FILES)
        .select_related("job")
        .defer("payload")
    )
    for row in old:
        _stop_job(row)
        _close(row, RosterImportState.DISCARDED, TOO_OLD)
    return len(old)


def _stop_job(row: RosterImport) -> None:
    if row.job and row.job.is_open:
        try:
            cancel(row.job)
        except JobNotOpenError:
            return


def _waiting(row: RosterImport) -> QuerySet[RosterImport]:
    return RosterImport.objects.filter(pk=row.pk, state=RosterImportState.WAITING)


def _close(row: RosterImport, state: RosterImportState, refusal: str = "") -> None:
    """The last word on a file: what it held is gone."""
    RosterImport.objects.open().filter(pk=row.pk).update(
        state=state, payload=None, decided_at=Now(), refusal=refusal[:300]
    )
