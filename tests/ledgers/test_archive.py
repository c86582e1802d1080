"""The archive of a year: whole, checkable, for its owner alone, and begun anew when its worker dies."""

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Role
from jobs.actions import JobLostError, cancel, claim, restart, sweep_stale
from jobs.models import STALE_AFTER, Job, JobState
from ledgers.archive.actions import (
    ARCHIVE_JOB,
    CHANGED_SENTENCE,
    ArchiveRefusedError,
    make_archive,
    request_archive,
)
from ledgers.archive.plan import archived_ledgers, places_for
from ledgers.archive.steps import Step, steps_of
from ledgers.ledger import Cleaned, Heading, Ledger
from ledgers.tasks import make_archive_job
from records.rules import GENERAL_MEETING
from tests.factories.branches import make_holder, make_user
from tests.factories.records import make_held
from tests.ledgers.sample import AS_OF, ON, ORGANISATIONS, SampleForm, make_ledger, registered, topic_row
from tests.reminders.scene import make_scene

pytestmark = pytest.mark.django_db

PAGE = reverse("ledgers:archive_page")
FOLDERS = ["01_另一本/", "02_支部活动台账/"]


class YearForm(SampleForm):
    period = forms.RegexField(r"^\d{4}$", label="期间", initial="2026")

    def below(self, code: str) -> list[tuple[str, str]]:
        return [("CG", "城关党支部")] if code == "HTP" else []


def year_heading(user: User | None, cleaned: Cleaned, on: date) -> Heading:
    return Heading(ORGANISATIONS[cleaned["organisation"]], f"{cleaned['period']} 年", cleaned["period"])


def year_ledger(*topics: str, **changes: Any) -> Ledger:
    rows = [topic_row(topic) for topic in topics]
    return make_ledger(rows, **{"filter_form": YearForm, "heading": year_heading, **changes})


@pytest.fixture
def ledgers() -> Iterator[list[Ledger]]:
    """One with two rows and one with none."""
    with (
        registered(year_ledger("学习", "=1+1")) as one,
        registered(year_ledger(slug="other", title="另一本")) as other,
    ):
        yield [other, one]


def requested(user: User, code: str = "HTP", *, each: bool = False) -> Job:
    return request_archive(code, 2026, each=each, by=user, on=ON)


def taken(job: Job) -> Job:
    claimed = claim(str(job.pk))
    assert claimed is not None
    return claimed


def done(job: Job) -> Job:
    make_archive(taken(job), on=ON, clock=lambda: AS_OF)
    return Job.objects.get(pk=job.pk)


def files_of(job: Job) -> dict[str, bytes]:
    assert (job.state, job.error) == (JobState.DONE, "")
    with job.result.open("rb") as content, ZipFile(content) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def sums(files: dict[str, bytes]) -> dict[str, str]:
    lines = csv.reader(files["SHA256SUMS"].decode().splitlines(), delimiter=" ")
    return {path: digest for digest, _, path in lines}


def cells(content: bytes) -> list[tuple[object, ...]]:
    sheet: Any = load_workbook(BytesIO(content)).active
    return list(sheet.iter_rows(values_only=True))


def words(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages)


# ---- what lies in it ---------------------------------------------------------------------------------


def test_every_ledger_lies_in_it_and_every_sum_is_right(everybody: User, ledgers: list[Ledger]) -> None:
    job = done(requested(everybody))
    files = files_of(job)
    assert job.file_name == "年终归档_红土坡烟站党支部_2026.zip"
    names = [
        f"{folder}{folder[3:-1]}_红土坡烟站党支部_2026.{extension}"
        for folder in FOLDERS
        for extension in ("xlsx", "pdf")
    ]
    assert list(files) == [
        *names,
        "目录.xlsx",
        "目录.pdf",
        "说明.txt",
        "manifest.json",
        "SHA256SUMS",
    ]
    counted = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert sums(files) == {name: digest for name, digest in counted.items() if name != "SHA256SUMS"}
    assert [row[3] for row in cells(files[names[2]])[4:6]] == ["学习", "=1+1"]
    assert words(files[names[3]]).count("学习") == 1
    # A ledger without rows says so, on the sheet and on paper.
    assert [row[0] for row in cells(files[names[0]])].count("本期没有记录") == 1
    assert words(files[names[1]]).count("本期没有记录") == 1
    assert (job.done, job.total) == (6, 6)

    index_and_manifest(files)
    event = AuditEvent.objects.get()
    assert (event.event, event.by) == ("ledgers.archived", everybody)
    assert event.detail == {
        "organisation": "红土坡烟站党支部",
        "year": 2026,
        "places": 1,
        "files": 9,
        "sha256": counted["SHA256SUMS"],
    }
    with job.result.open("rb") as content, ZipFile(content) as archive:
        kinds = {info.filename.rpartition(".")[2]: info.compress_type for info in archive.infolist()}
        moments = {info.date_time for info in archive.infolist()}
    # What is packed already is not packed once more.
    assert (kinds["xlsx"], kinds["pdf"], kinds["txt"] != ZIP_STORED) == (ZIP_STORED, ZIP_STORED, True)
    assert moments == {(2026, 11, 13, 9, 30, 0)}


def index_and_manifest(files: dict[str, bytes]) -> None:
    """Both tell the same, and of every file."""
    told = json.loads(files["manifest.json"])
    listed = cells(files["目录.xlsx"])[4:6]
    assert [(row[2], row[4], row[7]) for row in listed] == [
        (ledger["title"], ledger["rows"], ledger["checksum"]) for ledger in told["ledgers"]
    ]
    assert [row[6] for row in listed] == [
        "\n".join(file["path"] for file in ledger["files"]) for ledger in told["ledgers"]
    ]
    assert [row[8] for row in listed] == ["没有记录", "齐全"]
    assert {file["path"]: file["sha256"] for file in told["files"]} == {
        name: digest for name, digest in sums(files).items() if name != "manifest.json"
    }
    assert [file["size"] for file in told["files"]] == [len(files[file["path"]]) for file in told["files"]]
    assert words(files["目录.pdf"]).count("年终归档目录") > 0
    text = files["说明.txt"].decode("utf-8-sig")
    assert [text.count(word) for word in ("红土坡烟站党支部", "sha256sum -c SHA256SUMS")] == [1, 1]
    assert text.count("\n") == text.count("\r\n")


def test_branches_get_folders_of_their_own(everybody: User, ledgers: list[Ledger]) -> None:
    files = files_of(done(requested(everybody, each=True)))
    folders = list(dict.fromkeys(name.rpartition("/")[0] for name in files if "/" in name))
    assert folders == [
        f"{place}/{ledger[:-1]}" for place in ("00_红土坡烟站党支部", "01_城关党支部") for ledger in FOLDERS
    ]
    assert [row[1] for row in cells(files["目录.xlsx"])[4:8]] == [
        "红土坡烟站党支部",
        "红土坡烟站党支部",
        "城关党支部",
        "城关党支部",
    ]


def test_a_ledger_over_a_limit_is_told_in_the_index(everybody: User) -> None:
    with registered(year_ledger("长" * 33_000, slug="long", title="很长")):
        files = files_of(done(requested(everybody)))
    (told,) = json.loads(files["manifest.json"])["ledgers"]
    assert told["missing"].startswith("没有 XLSX：第 1 行“内容摘要”有 33000 个字")
    assert [name for name in files if "很长" in name] == ["01_很长/很长_红土坡烟站党支部_2026.pdf"]
    assert cells(files["目录.xlsx"])[4][8] == told["missing"]


def test_a_layout_that_fails_ends_it_with_the_name_of_the_ledger(
    everybody: User, ledgers: list[Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgers.renderers.pdf._command", lambda seconds, memory: ["false"])
    job = done(requested(everybody))
    assert (job.state, job.result.name, AuditEvent.objects.count()) == (JobState.FAILED, "", 0)
    assert job.error.startswith("红土坡烟站党支部的另一本：PDF 没有生成：")


# ---- the job -----------------------------------------------------------------------------------------


def test_the_same_archive_waits_once(everybody: User, ledgers: list[Ledger]) -> None:
    first = requested(everybody)
    assert (requested(everybody), requested(everybody, each=True) == first) == (first, False)
    assert (first.total, Job.objects.count()) == (6, 2)


def test_what_is_not_in_reach_is_refused(everybody: User, ledgers: list[Ledger]) -> None:
    with pytest.raises(ArchiveRefusedError):
        requested(everybody, "NOWHERE")
    assert Job.objects.count() == 0


def test_too_many_organisations_are_refused(
    everybody: User, ledgers: list[Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgers.archive.actions.MOST_PLACES", 1)
    with pytest.raises(ArchiveRefusedError, match="一次最多归档 1 个组织，这里有 2 个"):
        requested(everybody, each=True)


def test_a_cancelled_archive_stops_and_leaves_nothing(everybody: User, ledgers: list[Ledger]) -> None:
    job = taken(requested(everybody))
    cancel(job)
    make_archive(job, on=ON, clock=lambda: AS_OF)
    job.refresh_from_db()
    assert (job.state, job.result.name, AuditEvent.objects.count()) == (JobState.CANCELLED, "", 0)


def test_after_a_crash_it_is_marked_and_begun_anew(everybody: User, ledgers: list[Ledger]) -> None:
    class Crash(BaseException):
        pass

    moments = iter([AS_OF, AS_OF])

    def dying() -> Any:
        try:
            return next(moments)
        except StopIteration:
            raise Crash from None

    job = taken(requested(everybody))
    with pytest.raises(Crash):
        make_archive(job, on=ON, clock=dying)
    job.refresh_from_db()
    assert (job.state, job.done, job.result.name) == (JobState.RUNNING, 2, "")
    sweep_stale(now=timezone.now() + STALE_AFTER + timedelta(minutes=1))
    job.refresh_from_db()
    assert job.state == JobState.STALE
    restart(job)
    again = done(job)
    assert (again.attempt, len(files_of(again)), AuditEvent.objects.count()) == (2, 9, 1)


def test_a_worker_given_up_writes_nothing(everybody: User, ledgers: list[Ledger]) -> None:
    job = taken(requested(everybody))
    Job.objects.update(attempt=2)
    with pytest.raises(JobLostError):
        make_archive(job, on=ON, clock=lambda: AS_OF)
    assert (Job.objects.get().state, AuditEvent.objects.count()) == (JobState.RUNNING, 0)


def test_changed_rights_end_it(
    everybody: User, ledgers: list[Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = requested(everybody)
    monkeypatch.setattr(YearForm, "codes", lambda form: ["HTP"])
    job = done(job)
    assert (job.state, job.error, job.result.name) == (JobState.FAILED, CHANGED_SENTENCE, "")


def test_the_task_takes_it_once(everybody: User, ledgers: list[Ledger]) -> None:
    job = requested(everybody)
    make_archive_job(str(job.pk))
    make_archive_job(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.DONE, 1)


def test_the_steps_follow_the_files(everybody: User, ledgers: list[Ledger]) -> None:
    job = requested(everybody)
    assert [(step.title, step.state) for step in steps_of(job)] == [
        ("另一本", "waiting"),
        ("支部活动台账", "waiting"),
    ]
    job.state, job.done = JobState.RUNNING, 3
    assert [step.state for step in steps_of(job)] == ["done", "now"]
    job.state = JobState.DONE
    assert [step.state for step in steps_of(job)] == ["done", "done"]


def test_several_organisations_are_followed_one_by_one(everybody: User, ledgers: list[Ledger]) -> None:
    job = requested(everybody, each=True)
    job.state, job.done = JobState.RUNNING, 7
    assert steps_of(job) == [
        Step("红土坡烟站党支部", "done", 4, 2),
        Step("城关党支部", "now", 2, 2),
    ]


# ---- the page ----------------------------------------------------------------------------------------


def test_the_page_starts_a_job_and_lists_the_own(
    signed_in: Client, everybody: User, ledgers: list[Ledger]
) -> None:
    stranger = requested(make_user(name="城关党支部"))
    given = {"organisation": "HTP", "year": "2026", "layout": "each"}
    response = signed_in.post(PAGE, given)
    job = Job.objects.owned_by(everybody).get()
    assert response.headers["Location"] == reverse("ledgers:job_progress", args=[job.pk])
    assert (job.kind, job.parameters["places"]) == (
        ARCHIVE_JOB,
        [["HTP", "红土坡烟站党支部"], ["CG", "城关党支部"]],
    )
    html = signed_in.get(PAGE).content.decode()
    assert [html.count(str(one.pk)) for one in (job, stranger)] == [1, 0]
    progress = signed_in.get(reverse("ledgers:job_progress", args=[job.pk])).content.decode()
    assert progress.count("<span>城关党支部</span>") == 1


@pytest.mark.parametrize(
    "change", [{"organisation": "NOWHERE"}, {"organisation": ""}, {"year": "1999"}, {"layout": "x"}]
)
def test_what_is_chosen_wrong_is_said(
    signed_in: Client, ledgers: list[Ledger], change: dict[str, str]
) -> None:
    response = signed_in.post(PAGE, {"organisation": "HTP", "year": "2026", "layout": "whole", **change})
    assert (response.status_code, Job.objects.count()) == (422, 0)
    assert response.content.decode().count("请") > 0


def test_who_has_no_ledger_is_told_the_next_step(client: Client, ledgers: list[Ledger]) -> None:
    client.force_login(make_user(name="无权"))
    assert client.get(PAGE).content.decode().count("目前没有可以归档的台账。") == 1
    assert client.post(PAGE, {"organisation": "HTP", "year": "2026", "layout": "whole"}).status_code == 422
    assert client.delete(PAGE).status_code == 405


def test_the_file_is_for_its_owner_alone(
    client: Client, everybody: User, ledgers: list[Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = done(requested(everybody))
    file = reverse("ledgers:job_download", args=[job.pk])
    client.force_login(make_user(name="城关党支部"))
    pages = [reverse(f"ledgers:job_{name}", args=[job.pk]) for name in ("progress", "cancel", "restart")]
    assert [client.get(file).status_code, client.get(pages[0]).status_code] == [404, 404]
    assert [client.post(page).status_code for page in pages[1:]] == [404, 404]
    client.force_login(everybody)
    response = client.get(file)
    assert b"".join(response.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]  # a file response
    monkeypatch.setattr(YearForm, "codes", lambda form: ["HTP"])
    assert client.get(file).status_code == 404


# ---- the shipped ledgers -----------------------------------------------------------------------------


def test_all_ledgers_of_a_branch_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    make_held(scene.first, GENERAL_MEETING, on=date(2026, 8, 5), title="本支部的会", topics="本支部的议题")
    make_held(scene.second, GENERAL_MEETING, on=date(2026, 8, 5), title="别的支部的会", topics="别的议题")
    job = request_archive(scene.first.code, 2026, each=False, by=scene.worker, on=ON)
    files = files_of(done(job))
    titles = [ledger.title for ledger in archived_ledgers(scene.worker, on=ON)]
    assert len(titles) > 6
    for number, title in enumerate(titles, start=1):
        stem = next(name for name in files if name.startswith(f"{number:02d}_{title}/"))[:-5]
        sheet, paper = cells(files[f"{stem}.xlsx"]), words(files[f"{stem}.pdf"])
        assert (sheet[0][0], paper.count(title) > 0) == (title, True)
        assert paper.count("校验值") == 1
    everything = "".join(words(content) for name, content in files.items() if name.endswith(".pdf"))
    assert (everything.count("本支部的议题"), everything.count("别的")) == (1, 0)
    listed = cells(files["目录.xlsx"])[4 : 4 + len(titles)]
    assert {row[1] for row in listed} == {scene.first.name}
    assert sums(files)["目录.pdf"] == hashlib.sha256(files["目录.pdf"]).hexdigest()


def test_the_places_are_those_in_reach(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    scene = make_scene(monkeypatch)
    branches = sorted([scene.first, scene.second], key=lambda place: place.code)
    assert places_for(scene.worker, on=ON) == {scene.first.code: scene.first.name}
    assert places_for(scene.staff, on=ON) == {place.code: place.name for place in [scene.general, *branches]}
    job = request_archive(scene.general.code, 2026, each=True, by=scene.staff, on=ON)
    assert job.parameters["places"] == [[place.code, place.name] for place in [scene.general, *branches]]
    secretary = make_holder(scene.first, Role.SECRETARY)
    with pytest.raises(ArchiveRefusedError):
        request_archive(scene.second.code, 2026, each=False, by=secretary, on=ON)
    client.force_login(scene.staff)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as caught:
        html = client.get(PAGE).content.decode()
    assert html.count(scene.foreign_branch.name) == 0
    # One for each reach that ledgers have; many permissions are held by the same people.
    assert len(caught) == 12
