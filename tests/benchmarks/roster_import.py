"""A roster of 5,000 people on its whole way: uploaded, previewed, confirmed, and once more unchanged.

    python -m tests.benchmarks.roster_import 5000

prints one JSON object: seconds of each step, the highest memory of the worker and of the child that
parses, how often progress was told, and the number of statements of the confirmation. It wants an empty
migrated database in DATABASE_URL or VAR_DIR.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import django
from openpyxl import Workbook

django.setup()

from django.core.management import call_command  # noqa: E402 - after django.setup()
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from branches.actions.roster.imports import commit_import, preview_import, request_import  # noqa: E402
from branches.models import Member, Organisation, RosterImport  # noqa: E402
from branches.rules import OrganisationKind, Role  # noqa: E402
from branches.rules.id_numbers import check_character  # noqa: E402
from jobs.actions import claim  # noqa: E402
from jobs.models import Job  # noqa: E402
from tests.factories.branches import make_holder, make_organisation  # noqa: E402

TODAY = date(2026, 11, 22)
BRANCHES = 100
PLACES = tuple(f"第{n}党支部" for n in range(BRANCHES))
HEAD = ("序号", "姓名", "公民身份号码", "党组织名称", "人员类别", "入党日期", "转正日期", "编入本支部日期")
MORE = ("所在部门", "抽调", "联系电话")


def number_of(n: int) -> str:
    born = date(1960, 1, 1) + timedelta(days=n)
    seventeen = f"532501{born:%Y%m%d}{n % 1000:03d}"
    return seventeen + check_character(seventeen)


def roster(people: int, *, department: str, places: Sequence[str] = PLACES) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("党员花名册")
    sheet.append(["全县党员花名册"])
    sheet.append([*HEAD, *MORE])
    for n in range(people):
        joined = date(1995, 1, 1) + timedelta(days=n)
        dates = (f"{joined:%Y.%m.%d}", f"{joined.year + 1}-{joined.month:02d}", "2015年3月1日")
        branch = places[n % len(places)]
        sheet.append(
            [n + 1, f"党员{n:04d}", number_of(n), branch, "正式党员", *dates, department, "否", "13800000000"]
        )
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return round(time.perf_counter() - started, 2), result


def previewed(general: Organisation, content: bytes, by: Any) -> RosterImport:
    row = request_import(
        general, content=content, file_name="名册.xlsx", roster_day=TODAY, by=by, today=TODAY
    )
    job = claim(str(row.job_id))
    assert job is not None
    preview_import(job, on=TODAY)
    return RosterImport.objects.get(pk=row.pk)


def one_round(general: Organisation, content: bytes, by: Any) -> dict[str, Any]:
    told = Told()
    with connection.execute_wrapper(told):
        preview, row = timed(lambda: previewed(general, content, by))
    assert row.refusal == "", row.refusal
    with CaptureQueriesContext(connection) as queries:
        commit, _ = timed(lambda: commit_import(row, by=by, today=TODAY))
    return {
        "preview_seconds": preview,
        "commit_seconds": commit,
        "commit_statements": len(queries),
        "progress_told": told.times,
        "counts": row.counts,
    }


class Told:
    """Counts how often the progress of a job is written down."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(f'UPDATE "{Job._meta.db_table}"') and '"done"' in sql:
            self.times += 1
        return execute(sql, params, many, context)


def measured(people: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    general = make_organisation("DZ01", kind=OrganisationKind.GENERAL_BRANCH, name="党总支")
    for n, name in enumerate(PLACES):
        make_organisation(f"BR{n:03d}", parent=general, name=name)
    by = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    first, second = roster(people, department="烟叶科"), roster(people, department="市场科")
    rounds = {
        "new": one_round(general, first, by),
        "changed": one_round(general, second, by),
        "unchanged": one_round(general, second, by),
    }
    assert Member.objects.count() == people
    return {
        "people": people,
        "file_kb": len(first) // 1024,
        "rounds": rounds,
        "worker_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(int(sys.argv[1])), ensure_ascii=False, indent=1) + "\n")
