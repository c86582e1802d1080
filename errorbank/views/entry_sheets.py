"""Entries as Excel: out for staff, and in after a look at what would change."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, requires
from branches.views.pages import INVALID
from errorbank import sheets
from errorbank.action_titles import titles_of
from errorbank.actions.entries_import import EntryPlan, plan_import
from errorbank.forms.entry_sheets import ImportForm, SheetForm, sealed
from errorbank.queries.entries import PUBLISH, exported_entries, exporter_name
from errorbank.rules.sheet import COLUMNS
from ledgers.renderers.xlsx import CONTENT_TYPE
from ledgers.sheets.cells import CellProblem, SheetRefused
from ledgers.sheets.marking import with_error_column

PROBLEMS_SHOWN = 100
MARKED = "marked"


@never_cache
@require_safe
@requires(PUBLISH)
def entry_export(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    entries = exported_entries(user, on=today)
    titles = titles_of(
        {code for entry in entries if entry.published for code in entry.published.action_codes}
    )
    place = exporter_name(user, on=today)
    content = sheets.written(entries, titles, organisation=place, as_of=timezone.now())
    return _attachment(content, f"错题库_{today:%Y-%m-%d}.xlsx")


@never_cache
@require_http_methods(["GET", "POST"])
@requires(PUBLISH)
def entry_import(request: SignedInRequest) -> HttpResponse:
    """Look at a file; nothing is written here."""
    today = timezone.localdate()
    form = SheetForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "columns": COLUMNS}
    if form.is_valid():
        try:
            return _looked_at(request, form, context, on=today)
        except SheetRefused as refused:
            form.add_error("file", str(refused))
    return render(request, "errorbank/entry_import.html", context, status=INVALID if form.errors else 200)


@require_POST
@requires(PUBLISH)
def entry_import_commit(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    form = ImportForm(request.POST, user=user, on=today, initial={})
    if form.is_valid() and form.save(by=user, on=today):
        plan: EntryPlan = form.result
        words = "已发布" if form.cleaned_data["publish"] else "已提交，等待审核"
        messages.success(
            request, f"{words}：新增 {plan.added} 条，修改 {plan.changed} 条，{plan.unchanged} 条没有变化。"
        )
        return redirect("errorbank:entry_list" if form.cleaned_data["publish"] else "errorbank:entry_waiting")
    context = {"form": SheetForm(), "columns": COLUMNS, "import_form": form}
    return render(request, "errorbank/entry_import.html", context, status=INVALID)


def _looked_at(
    request: SignedInRequest, form: SheetForm, context: dict[str, Any], *, on: date
) -> HttpResponse:
    """The page with what would change, or the file with what is wrong in it. Raises SheetRefused."""
    file, user = form.cleaned_data["file"], request.user
    content = file.read()
    found = sheets.read(content, file.name)
    plan = plan_import(found.rows, by=user, on=on, sheet=found.name)
    problems = [*found.problems, *plan.problems]
    if problems and MARKED in request.POST:
        lines = {found.name: _by_row(problems)}
        marked = with_error_column(
            content, lines, heading_rows={found.name: found.heading_row}, limits=sheets.LIMITS
        )
        return _attachment(marked, f"{file.name.removesuffix('.xlsx')}_错误说明.xlsx")
    context |= {"plan": plan, "problems": problems[:PROBLEMS_SHOWN], "problem_count": len(problems)}
    if not problems and plan.added + plan.changed:
        initial = {"rows": sealed(found.rows, by=user)}
        context["import_form"] = ImportForm(user=user, on=on, initial=initial, added=plan.added)
    return render(request, "errorbank/entry_import.html", context, status=INVALID if problems else 200)


def _by_row(problems: list[CellProblem]) -> dict[int, str]:
    rows: dict[int, list[str]] = {}
    for problem in problems:
        rows.setdefault(problem.row, []).append(problem.sentence)
    return {row: "".join(words) for row, words in rows.items()}


def _attachment(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})
