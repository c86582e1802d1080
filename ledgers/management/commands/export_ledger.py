"""Write one ledger to a file from the command line of the host.

The command has no user, so the ledger shows the whole portal: whoever may run it on the host
may read the database as well. The export is written to the audit log all the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import QueryDict
from django.utils import timezone

from ledgers.actions import FORMATS, export_to
from ledgers.document import ExportFailedError, LedgerDocument, build_document
from ledgers.forms import FilterForm
from ledgers.ledger import Ledger
from ledgers.registry import UnknownLedgerError, find_ledger, slugs


class Command(BaseCommand):
    help = "Export a ledger as xlsx or pdf; filters have the names of its filter form."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ledger", help=f"one of: {', '.join(slugs()) or 'none yet'}")
        parser.add_argument("--format", default="xlsx", help="xlsx or pdf")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--sort", default="", metavar="KEY", help="a column; --sort=-KEY downwards")
        parser.add_argument("--organisation", metavar="CODE")
        parser.add_argument("--period", metavar="YYYY-MM")
        parser.add_argument("--state", action="append", metavar="STATE", help="may be given several times")
        parser.add_argument("--filter", action="append", default=[], metavar="NAME=VALUE")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["format"] not in FORMATS:
            raise CommandError(f"格式“{options['format']}”有误，可用的有：{'、'.join(FORMATS)}。")
        document = _document(options, on=timezone.localdate())
        try:
            with _replacing(options["output"]) as target:
                export_to(target, document, options["format"], by=None)
        except ExportFailedError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"无法写入 {options['output']}：{_reason(error)}。") from None
        self.stdout.write(f"已导出{document.title} {len(document.rows)} 条：{options['output']}")


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` that takes its place only when everything went well."""
    with NamedTemporaryFile(dir=path.parent, prefix=".export-", delete=False) as target:
        try:
            yield target
            target.flush()
            Path(target.name).chmod(0o640)
            Path(target.name).replace(path)
        finally:
            Path(target.name).unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    words = {
        FileNotFoundError: "文件夹不存在",
        NotADirectoryError: "文件夹不存在",
        PermissionError: "没有写入权限",
    }
    return words.get(type(error), "这个位置不能写文件")


def _document(options: dict[str, Any], *, on: date) -> LedgerDocument:
    try:
        ledger = find_ledger(options["ledger"])
    except UnknownLedgerError as error:
        raise CommandError(f"{error}可用的有：{'、'.join(slugs()) or '（无）'}。") from None
    query = _query(options)
    form = ledger.filter_form.filled(query, user=None, on=on)
    _check(ledger, form, query, options["sort"])
    return build_document(ledger, form, user=None, on=on, as_of=timezone.now(), sort=options["sort"])


def _query(options: dict[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name in ("organisation", "period"):
        if options[name] is not None:
            query[name] = options[name]
    for state in options["state"] or []:
        query.appendlist("state", state)
    for text in options["filter"]:
        name, equals, value = text.partition("=")
        if not equals:
            raise CommandError(f"筛选条件“{text}”应写成 名称=值。")
        query.appendlist(name, value)
    return query


def _check(ledger: Ledger, form: FilterForm, query: QueryDict, sort: str) -> None:
    unknown = [name for name in query if name not in form.fields]
    if unknown:
        raise CommandError(
            f"{ledger.title}没有筛选条件 {'、'.join(unknown)}，可用的有：{'、'.join(form.fields)}。"
        )
    keys = [column.key for column in ledger.columns]
    if sort and sort.removeprefix("-") not in keys:
        raise CommandError(f"{ledger.title}不能按 {sort} 排序，可用的有：{'、'.join(keys)}。")
    if not form.is_valid():
        raise CommandError("；".join(_fault(form, name) for name in form.errors))


def _fault(form: FilterForm, name: str) -> str:
    reasons = "".join(str(error) for error in form.errors[name])
    if name not in form.fields:
        return reasons
    given = "、".join(form.query.getlist(name))
    return f"{form.fields[name].label or name}“{given}”有误：{reasons}"
