"""Pages of the engine: who may open what, and the same rows on page, in Excel and in PDF."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from openpyxl import load_workbook
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import User
from audit.models import AuditEvent
from jobs.actions import claim, fail, finish, sweep_stale
from jobs.models import STALE_AFTER, Job, JobState
from ledgers import actions
from ledgers.actions import EXPORT_JOB
from ledgers.ledger import Ledger
from tests.factories.branches import make_user
from tests.ledgers.sample import ROWS, SampleForm, document_of, make_ledger, registered, topic_row

pytestmark = pytest.mark.django_db

LIST = reverse("ledgers:ledger_list")
PREVIEW = reverse("ledgers:ledger_preview", args=["sample"])
XLSX = reverse("ledgers:ledger_export", args=["sample", "xlsx"])
PDF = reverse("ledgers:ledger_export", args=["sample", "pdf"])
START = reverse("ledgers:job_start", args=["sample", "pdf"])
START_XLSX = reverse("ledgers:job_start", args=["sample", "xlsx"])


def cells_of(html: str) -> list[list[str]]:
    """The words of the table's body, row by row."""
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [[unescaped(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)] for row in rows]


def unescaped(cell: str) -> str:
    words = strip_tags(cell)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        words = words.replace(entity, character)
    return words


def page_cells(client: Client, url: str) -> list[list[str]]:
    response = client.get(url)
    assert response.status_code == 200
    return cells_of(response.content.decode())


def said(response: HttpResponseBase) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]  # set by the client


SHOWN = [
    ["1", "红土坡烟站党支部", "2026-11-05", "专题学习", "12", "1.5", "20.00", "按时完成", "2026-11-06 00:05"],
    ["2", "城关党支部", "—", "=1+1", "0", "2.0", "—", "已逾期", "—"],
    ["3", "—", "2024-02-29", "a < b & <b>粗</b>", "—", "—", "0.10", "即将到期", "—"],
]


# ---- the list of ledgers ---------------------------------------------------------------------------


def test_the_list_shows_the_ledgers_of_this_person(signed_in: Client, ledger: Ledger) -> None:
    html = signed_in.get(LIST).content.decode()
    assert html.count(f'href="{PREVIEW}"') == 1
    assert html.count("各支部当月开展的活动。") == 1


def test_who_may_open_none_is_told_the_next_step(client: Client, ledger: Ledger) -> None:
    client.force_login(make_user(name="无权"))
    html = client.get(LIST).content.decode()
    assert html.count(PREVIEW) == 0
    assert html.count("目前没有可以查看的台账。") == 1


@pytest.mark.parametrize("url", [LIST, PREVIEW, XLSX, PDF, START])
def test_strangers_are_sent_to_sign_in(client: Client, ledger: Ledger, url: str) -> None:
    assert client.get(url).headers["Location"] == f"{reverse('accounts:login')}?next={url}"


@pytest.mark.parametrize("url", [PREVIEW, XLSX, PDF, reverse("ledgers:ledger_preview", args=["nothing"])])
def test_a_ledger_one_may_open_nowhere_does_not_exist(client: Client, ledger: Ledger, url: str) -> None:
    client.force_login(make_user(name="无权"))
    assert client.get(url).status_code == 404


def test_other_methods_are_refused(signed_in: Client, ledger: Ledger) -> None:
    assert [signed_in.post(url).status_code for url in (LIST, PREVIEW, XLSX, PDF)] == [405] * 4
    assert signed_in.get(START).status_code == 405


# ---- the preview -------------------------------------------------------------------------------------


def test_the_preview_shows_every_cell(signed_in: Client, ledger: Ledger) -> None:
    html = signed_in.get(PREVIEW).content.decode()
    assert cells_of(html) == SHOWN
    assert re.findall(r"<p>(县局党总支 · 2026 年 11 月 · 共 3 条 · 截至 [\d :-]+)</p>", html) != []
    assert html.count("<b>粗</b>") == 0


def test_a_user_sees_their_own_rows_only(client: Client, ledger: Ledger) -> None:
    client.force_login(make_user(name="城关党支部"))
    assert page_cells(client, PREVIEW) == [["1", *SHOWN[1][1:]]]


def test_the_filter_narrows_and_is_kept(signed_in: Client, ledger: Ledger) -> None:
    html = signed_in.get(f"{PREVIEW}?state=late&state=soon&sort=held").content.decode()
    assert cells_of(html) == [["1", *SHOWN[2][1:]], ["2", *SHOWN[1][1:]]]
    assert html.count(f'href="{XLSX}?state=late&amp;state=soon&amp;sort=held"') == 1
    assert html.count('<input type="hidden" name="sort" value="held">') == 1
    assert html.count('aria-sort="ascending"') == 1
    assert html.count('href="?state=late&amp;state=soon&amp;sort=-held"') == 1


def test_a_filter_that_makes_no_sense_is_explained(signed_in: Client, ledger: Ledger) -> None:
    response = signed_in.get(f"{PREVIEW}?period=2026-13")
    assert response.status_code == 422
    assert response.content.decode().count("请核对以下内容") == 1
    assert response.content.decode().count("<tbody>") == 0


def test_an_empty_period_says_so(signed_in: Client, ledger: Ledger) -> None:
    html = signed_in.get(f"{PREVIEW}?state=ok&organisation=CG").content.decode()
    assert cells_of(html) == [["1", *SHOWN[0][1:]]]
    empty = make_user(name="没有记录的支部")
    signed_in.force_login(empty)
    html = signed_in.get(PREVIEW).content.decode()
    assert html.count("本期没有记录") == 1
    assert html.count("<table") == 0


@pytest.fixture
def long_ledger() -> Iterator[Ledger]:
    with registered(make_ledger([topic_row(f"第{n}次") for n in range(1, 121)])) as made:
        yield made


def test_fifty_rows_a_page(signed_in: Client, long_ledger: Ledger) -> None:
    assert [row[3] for row in page_cells(signed_in, PREVIEW)] == [f"第{n}次" for n in range(1, 51)]
    assert [row[0] for row in page_cells(signed_in, f"{PREVIEW}?page=3")] == [str(n) for n in range(101, 121)]
    html = signed_in.get(f"{PREVIEW}?page=2&state=ok").content.decode()
    assert html.count("共 120 条，第 2 / 3 页") == 1
    assert html.count('href="?page=3&amp;state=ok"') == 1
    assert html.count(f'href="{XLSX}?state=ok"') == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    # Three: session and user, and the posts that make the navigation; the sample ledger asks none.
    rows = [topic_row(f"第{n}次") for n in range(count)] + [topic_row("别家", "红土坡烟站党支部")]
    client.force_login(make_user(name="城关党支部"))
    client.get(LIST)  # the first page of a session stamps it
    with registered(make_ledger(rows)), django_assert_num_queries(3):
        shown = page_cells(client, PREVIEW)
    assert [row[3] for row in shown] == [f"第{n}次" for n in range(count)]


# ---- files ---------------------------------------------------------------------------------------------


def file_name(response: HttpResponseBase) -> str:
    return unquote(response.headers["Content-Disposition"].removeprefix("attachment; filename*=utf-8''"))


def test_the_three_renderings_show_the_same_rows(signed_in: Client, ledger: Ledger) -> None:
    query = "?state=ok&state=soon&state=late&sort=-held"
    page = page_cells(signed_in, PREVIEW + query)
    sheet = load_workbook(BytesIO(signed_in.get(XLSX + query).content)).active
    assert sheet is not None
    excel = [[cell.value for cell in row] for row in sheet["A5:I7"]]
    paper = "".join(
        "".join(p.extract_text().split())
        for p in PdfReader(BytesIO(signed_in.get(PDF + query).content)).pages
    )
    assert [row[0] for row in page] == [str(row[0]) for row in excel] == ["1", "2", "3"]
    assert [row[3] for row in page] == [row[3] for row in excel] == ["专题学习", "a < b & <b>粗</b>", "=1+1"]
    assert [row[7] for row in page] == [row[7] for row in excel] == ["按时完成", "即将到期", "已逾期"]
    in_print = ["".join(cell if cell not in {row[7]} else f"●{cell}" for cell in row) for row in page]
    assert paper.count("".join("".join(in_print).split())) == 1
    details = [event.detail for event in AuditEvent.objects.order_by("pk")]
    assert [detail["format"] for detail in details] == ["xlsx", "pdf"]
    assert len({detail["checksum"] for detail in details}) == 1


def test_the_file_has_a_chinese_name_and_is_written_down(
    signed_in: Client, everybody: User, ledger: Ledger
) -> None:
    response = signed_in.get(f"{XLSX}?organisation=HTP")
    assert file_name(response) == "支部活动台账_红土坡烟站党支部_2026-11.xlsx"
    assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    event = AuditEvent.objects.get()
    assert (event.event, event.by) == ("ledgers.exported", everybody)
    told = {key: event.detail[key] for key in ("ledger", "organisation", "period", "rows", "format")}
    assert told == {
        "ledger": "sample",
        "organisation": "红土坡烟站党支部",
        "period": "2026-11",
        "rows": 3,
        "format": "xlsx",
    }


def test_pdf_has_its_type_and_name(signed_in: Client, ledger: Ledger) -> None:
    response = signed_in.get(PDF)
    assert (file_name(response), response.headers["Content-Type"]) == (
        "支部活动台账_县局党总支_2026-11.pdf",
        "application/pdf",
    )


def test_other_formats_do_not_exist(signed_in: Client, ledger: Ledger) -> None:
    assert signed_in.get(reverse("ledgers:ledger_export", args=["sample", "csv"])).status_code == 404


def test_an_export_with_a_senseless_filter_returns_to_it(signed_in: Client, ledger: Ledger) -> None:
    response = signed_in.get(f"{XLSX}?period=never")
    assert (response.status_code, response.headers["Location"]) == (302, f"{PREVIEW}?period=never")
    assert AuditEvent.objects.count() == 0


def test_a_text_too_long_is_explained(signed_in: Client) -> None:
    with registered(make_ledger([topic_row("长" * 40000)])):
        response = signed_in.get(XLSX)
    assert response.headers["Location"] == PREVIEW
    assert said(response) == ["第 1 行“内容摘要”有 40000 个字，超过单元格 32767 字的上限，请先缩短再导出。"]
    assert AuditEvent.objects.count() == 0


# ---- long PDFs -------------------------------------------------------------------------------------------


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are long already."""
    monkeypatch.setattr(actions, "DIRECT_ROWS", 2)


def started(client: Client, query: str = "") -> Job:
    response = client.post(START + query)
    job = Job.objects.latest("created")
    assert response.headers["Location"] == progress_of(job)
    return job


def progress_of(job: Job) -> str:
    return reverse("ledgers:job_progress", args=[job.pk])


def test_a_long_ledger_offers_the_background(signed_in: Client, ledger: Ledger, small_limit: None) -> None:
    html = signed_in.get(f"{PREVIEW}?sort=held").content.decode()
    for start, direct, name in ((START, PDF, "PDF"), (START_XLSX, XLSX, "Excel")):
        assert html.count(f'<form method="post" action="{start}?sort=held">') == 1
        assert html.count(f'href="{direct}') == 0
        response = signed_in.get(direct)
        assert response.headers["Location"] == PREVIEW
        assert said(response)[-1] == f"共 3 条，请在导出菜单中选“后台生成 {name}”。"


def test_excel_and_pdf_of_one_ledger_are_two_jobs(signed_in: Client, ledger: Ledger) -> None:
    job = started(signed_in)
    location = signed_in.post(START_XLSX).headers["Location"]
    other = Job.objects.exclude(pk=job.pk).get()
    assert (location, job.parameters["format"], other.parameters["format"]) == (
        progress_of(other),
        "pdf",
        "xlsx",
    )
    assert signed_in.post(reverse("ledgers:job_start", args=["sample", "csv"])).status_code == 404


def test_a_job_that_went_quiet_is_started_again(signed_in: Client, ledger: Ledger) -> None:
    job = started(signed_in)
    claim(str(job.pk))
    long_ago = timezone.now() - STALE_AFTER - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(heartbeat=long_ago)
    sweep_stale(now=timezone.now())
    page = signed_in.get(progress_of(job)).content.decode()
    assert page.count("已中断：处理中断，请重新开始；数据没有变化。") == 1
    restart = reverse("ledgers:job_restart", args=[job.pk])
    stranger = Client()
    stranger.force_login(make_user(name="全部"))
    assert stranger.post(restart).status_code == 404
    assert signed_in.post(restart).headers["Location"] == progress_of(job)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.QUEUED, 1)


def test_the_page_says_below_what_makes_the_same_again(signed_in: Client, ledger: Ledger) -> None:
    html = signed_in.get(f"{PREVIEW}?state=late&state=ok&sort=held").content.decode()
    foot = html[html.index('<footer class="ledger-foot') :]
    checked = document_of(ledger, "state=late&state=ok", sort="held").checksum
    assert re.findall(r"<p>(.*?)</p>", foot[: foot.index("</footer>")])[0] == (
        "范围：县局党总支　　期间：2026 年 11 月　　筛选：状态：已逾期、按时完成"
    )
    assert (
        len(
            re.findall(
                f"排序：按日期升序　　截至：[0-9: -]+　　共 2 条　　台账版本：1　　校验值：{checked}", foot
            )
        )
        == 1
    )


def test_starting_writes_one_waiting_job_and_tells_the_worker(
    signed_in: Client,
    everybody: User,
    ledger: Ledger,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as told:
        job = started(signed_in, "?state=ok&sort=-held")
    assert len(told) == 1
    assert (job.kind, job.owner, job.state, job.total) == (EXPORT_JOB, everybody, JobState.QUEUED, 1)
    assert job.parameters == {
        "ledger": "sample",
        "title": "支部活动台账",
        "format": "pdf",
        "query": "period=2026-11&state=ok",
        "sort": "-held",
        "reach": job.parameters["reach"],
    }
    assert len(job.parameters["reach"]) == 64
    assert started(signed_in, "?state=ok&sort=-held") == job
    assert started(signed_in, "?state=late") != job
    assert Job.objects.count() == 2


def test_starting_is_refused_like_the_ledger(client: Client, ledger: Ledger) -> None:
    client.force_login(make_user(name="无权"))
    assert client.post(START).status_code == 404
    client.force_login(make_user(name="全部"))
    assert client.post(f"{START}?period=x").headers["Location"] == f"{PREVIEW}?period=x"
    assert Job.objects.count() == 0


def test_too_long_a_ledger_is_refused(
    signed_in: Client, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_ROWS", 2)
    response = signed_in.post(START)
    assert said(response) == ["共 3 条，超过 PDF 的 2 条上限，请缩小范围，或改用 Excel 导出。"]
    assert Job.objects.count() == 0


def test_progress_is_shown_while_it_runs_and_polled(signed_in: Client, ledger: Ledger) -> None:
    job = started(signed_in)
    page = signed_in.get(progress_of(job)).content.decode()
    assert page.count("正在排队，很快开始") == 1
    assert page.count(f'hx-get="{progress_of(job)}" hx-trigger="every 2s"') == 1
    assert page.count('<progress aria-label="生成进度" max="3" value="0">') == 1
    assert page.count("刷新进度") == 1
    claim(str(job.pk))
    Job.objects.filter(pk=job.pk).update(done=3, total=9)
    part = signed_in.get(progress_of(job), headers={"HX-Request": "true"}).content.decode()
    assert part.count("<html") == 0
    assert (part.count("正在生成"), part.count("已处理 3 / 9 条")) == (1, 1)


def test_a_finished_job_is_fetched_by_its_owner_alone(signed_in: Client, ledger: Ledger) -> None:
    job = started(signed_in)
    claimed = claim(str(job.pk))
    assert claimed is not None
    download = reverse("ledgers:job_download", args=[job.pk])
    assert signed_in.get(download).status_code == 404
    finish(claimed, b"%PDF-done", file_name="支部活动台账_2026-11.pdf")
    page = signed_in.get(progress_of(job)).content.decode()
    assert (page.count(f'href="{download}"'), page.count("every 2s")) == (1, 0)
    response = signed_in.get(download)
    assert b"".join(response.streaming_content) == b"%PDF-done"  # type: ignore[attr-defined]  # a file response
    assert file_name(response) == "支部活动台账_2026-11.pdf"
    signed_in.force_login(make_user(name="全部"))
    foreign = [signed_in.get(url).status_code for url in (download, progress_of(job))]
    posts = [
        signed_in.post(reverse(f"ledgers:{name}", args=[job.pk])).status_code
        for name in ("job_cancel", "job_restart")
    ]
    assert foreign + posts == [404] * 4


def fetched(client: Client, url: str) -> int:
    response = client.get(url)
    if response.streaming:  # an unread file would stay open
        b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file response
    return response.status_code


def test_a_finished_job_does_not_outlive_the_rights_it_was_made_with(
    signed_in: Client, everybody: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(signed_in)
    claimed = claim(str(job.pk))
    assert claimed is not None
    finish(claimed, b"%PDF-done", file_name="支部活动台账_2026-11.pdf")
    download = reverse("ledgers:job_download", args=[job.pk])
    assert fetched(signed_in, download) == 200
    with monkeypatch.context() as other_rights:
        other_rights.setattr(SampleForm.base_fields["organisation"], "choices", [("CG", "城关党支部")])
        assert fetched(signed_in, download) == 404
    assert fetched(signed_in, download) == 200
    User.objects.filter(pk=everybody.pk).update(name="无权")
    assert fetched(signed_in, download) == 404


def test_an_expired_result_is_said(signed_in: Client, ledger: Ledger) -> None:
    job = started(signed_in)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, result="")
    page = signed_in.get(progress_of(job)).content.decode()
    assert page.count("文件已过保留期") == 1


def test_cancelling_and_starting_again(signed_in: Client, ledger: Ledger) -> None:
    job = started(signed_in)
    cancel, restart = (reverse(f"ledgers:{name}", args=[job.pk]) for name in ("job_cancel", "job_restart"))
    assert [signed_in.get(url).status_code for url in (cancel, restart)] == [405, 405]
    assert signed_in.post(cancel).headers["Location"] == progress_of(job)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert signed_in.get(progress_of(job)).content.decode().count("已取消") == 1
    assert said(signed_in.post(cancel)) == ["任务已经结束，无需取消。"]
    signed_in.post(restart)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert said(signed_in.post(restart))[-1:] == ["任务正在进行或已经完成，无需重新开始。"]


def test_a_failed_job_tells_why(signed_in: Client, ledger: Ledger) -> None:
    job = started(signed_in)
    claimed = claim(str(job.pk))
    assert claimed is not None
    fail(claimed, "请缩小范围 <b>。")
    page = signed_in.get(progress_of(job)).content.decode()
    assert page.count("未成功：请缩小范围 &lt;b&gt;。") == 1
    assert page.count("重新开始") == 1


def test_jobs_of_other_kinds_have_no_page_here(signed_in: Client, everybody: User) -> None:
    job = Job.objects.create(kind="tests.other", owner=everybody)
    assert [
        signed_in.get(url).status_code
        for url in (progress_of(job), reverse("ledgers:job_progress", args=[uuid4()]))
    ] == [404, 404]


def test_hostile_sort_and_page_change_nothing(signed_in: Client, ledger: Ledger) -> None:
    for query in ("?sort=<script>", "?sort=-", "?page=zero", "?page=-9", "?page=99999999999"):
        assert page_cells(signed_in, PREVIEW + query) == SHOWN
    assert len(ROWS) == 3
