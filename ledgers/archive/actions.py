"""The archive of a year as a job: asked for, made file by file, kept a day for its owner."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.actions import record as audit_record
from jobs.actions import JobCancelledError, enqueue, fail, fail_when_full, finish, progress, stop
from jobs.models import Job
from ledgers.actions import FORMATS, TooManyRowsError, write_file
from ledgers.archive.binder import Binder, Bound, scratch
from ledgers.archive.index import Entry, index_document, manifest, readme
from ledgers.archive.plan import MOST_PLACES, Part, branches_below, places_for, planned, reach_now
from ledgers.document import ExportFailedError, LedgerDocument, build_document, file_part
from ledgers.renderers.xlsx import CellTooLongError

ARCHIVE_JOB = "ledgers.tasks.make_archive_job"
CHANGED_SENTENCE = "您的职务或查看范围已经变化，请回到年终归档重新选择。"
INDEX_FILES = len(FORMATS)

Clock = Callable[[], datetime]


class ArchiveRefusedError(Exception):
    """There is nothing to put into it, or too much."""


@transaction.atomic
def request_archive(code: str, year: int, *, each: bool, by: User, on: date) -> Job:
    """Put an archive into the queue; the same one that waits already serves again.

    `each`: besides the whole a folder for every branch below. Raises ArchiveRefusedError.
    """
    User.objects.select_for_update().get(pk=by.pk)  # a second click waits and finds the first job
    name = places_for(by, on=on).get(code, "")
    places = [[code, name], *([list(pair) for pair in branches_below(by, code, on=on)] if each else [])]
    if not name:
        raise ArchiveRefusedError("这个组织不在您的查看范围内，请重新选择。")
    if len(places) > MOST_PLACES:
        raise ArchiveRefusedError(
            f"一次最多归档 {MOST_PLACES} 个组织，这里有 {len(places)} 个，请分党总支归档。"
        )
    asked = {
        "title": f"{name} {year} 年年终归档",
        "format": "zip",
        "organisation": name,
        "places": places,
        "year": year,
        "reach": reach_now(by, on=on),
    }
    parts = planned(by, asked, on=on)
    asked["steps"] = [[part.place, part.ledger.title] for part in parts]
    waiting = Job.objects.owned_by(by).open().filter(kind=ARCHIVE_JOB, parameters=asked).first()
    total = len(FORMATS) * len(parts) + INDEX_FILES
    return waiting or enqueue(ARCHIVE_JOB, owner=by, parameters=asked, total=total)


def archive_still_open(job: Job, *, on: date) -> bool:
    """Whether the owner's rights are those with which the archive was asked for."""
    return job.owner.is_active and reach_now(job.owner, on=on) == job.parameters["reach"]


def make_archive(job: Job, *, on: date, clock: Clock) -> None:
    """Do a claimed job. Every ledger is gathered at a moment of its own, which it tells.

    Nothing is kept before the end: a worker may die at any line, and the job begins anew.
    Every outcome but a lost row is written to the job. Raises JobLostError.
    """
    try:
        if not archive_still_open(job, on=on):
            return fail(job, CHANGED_SENTENCE)
        started = clock()
        with scratch() as content:
            with Binder(content, timezone.localtime(started)) as binder:
                _Making(job, binder, on=on, clock=clock).make(started)
            content.seek(0)
            name = f"年终归档_{file_part(job.parameters['organisation'])}_{job.parameters['year']}.zip"
            with transaction.atomic():
                finish(job, content, file_name=name)
                audit_record("ledgers.archived", by=job.owner, detail=_detail(job, binder.bound))
    except JobCancelledError:
        stop(job)
    except ExportFailedError as error:
        fail(job, str(error))
    except OSError as error:
        fail_when_full(job, error)


def _detail(job: Job, bound: Sequence[Bound]) -> dict[str, object]:
    """The sum of the list of sums stands for all of them."""
    given = job.parameters
    return {
        "organisation": given["organisation"],
        "year": given["year"],
        "places": len(given["places"]),
        "files": len(bound),
        "sha256": bound[-1].sha256,
    }


class _Making:
    """One run: the files written so far, and how many of all they are."""

    def __init__(self, job: Job, binder: Binder, *, on: date, clock: Clock) -> None:
        self.job, self.binder, self.on, self.clock = job, binder, on, clock
        self.done = 0

    def make(self, started: datetime) -> None:
        given, owner, binder = self.job.parameters, self.job.owner, self.binder
        entries = [self._entry(part) for part in planned(owner, given, on=self.on)]
        place, year = given["organisation"], given["year"]
        index = index_document(entries, place, year, started)
        for extension in FORMATS:
            self._write(f"目录.{extension}", index, extension)
        binder.add("说明.txt", readme(place, year, owner.name, started))
        binder.add("manifest.json", manifest(entries, binder.bound, place, year, started))
        binder.add("SHA256SUMS", binder.sums())

    def _entry(self, part: Part) -> Entry:
        document = build_document(part.ledger, part.form, user=self.job.owner, on=self.on, as_of=self.clock())
        files, reasons = [], []
        for extension in FORMATS:
            path = part.folder + document.file_name(extension)
            try:
                files.append(self._write(path, document, extension))
            except (TooManyRowsError, CellTooLongError) as limit:  # the other format has no such limit
                reasons.append(f"没有 {extension.upper()}：{limit}")
                self._step()
            except ExportFailedError as problem:  # without it the archive would not be whole
                raise ExportFailedError(f"{part.place}的{document.title}：{problem}") from problem
        return Entry(part.place, document, files, "\n".join(reasons))

    def _write(self, path: str, document: LedgerDocument, extension: str) -> Bound:
        with scratch() as content:
            write_file(document, extension, content, tick=lambda _: progress(self.job, self.done))
            bound = self.binder.add(path, content)
        self._step()
        return bound

    def _step(self) -> None:
        self.done += 1
        progress(self.job, self.done)
