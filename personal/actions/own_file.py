"""One's own data as a workbook; that it was fetched is written down."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from ledgers.document import LedgerDocument
from ledgers.ledger import Column, ColumnKind, Heading
from ledgers.renderers.xlsx import render_xlsx
from ledgers.text import clean_text
from personal.queries import rows_about

COLUMNS = (
    Column("kind", "类别", width=40),
    Column("row", "第几条", ColumnKind.INTEGER, width=14),
    Column("what", "项目", width=30),
    Column("words", "内容", width=110),
)
TITLE = "我的个人信息"


@transaction.atomic
def own_file(user: User, *, on: date, as_of: datetime) -> tuple[str, bytes]:
    """(file name, content): every fact of every row about this person."""
    rows = [(kind, n, what, clean_text(words)) for kind, n, what, words in rows_about(user)]
    document = LedgerDocument(
        slug="own_data",
        title=TITLE,
        heading=Heading(clean_text(user.name), f"{on:%Y-%m-%d}", f"{on:%Y-%m-%d}"),
        as_of=as_of,
        filter_sentence="与本人直接有关的信息，身份证号只显示首尾",
        order_note="按类别",
        version="1",
        columns=COLUMNS,
        rows=rows,
    )
    content = render_xlsx(document)
    audit.record("personal.own_data_fetched", by=user, target=user, detail={"rows": len(rows)})
    return f"{TITLE}_{on:%Y-%m-%d}.xlsx", content
