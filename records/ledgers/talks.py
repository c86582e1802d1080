"""Who talked with whom on which day (谈心谈话台账); what was said is kept nowhere."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days, known_by, names_on_day
from branches.models import Post
from branches.rules import COMMITTEE_ROLES, Role
from ledgers.ledger import Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row
from ledgers.registry import register
from records.ledgers.held import VIEW
from records.models import Talk
from records.rules import TalkCategory

COLUMNS = (
    Column("organisation", "党支部", width=54),
    Column("held_on", "日期", ColumnKind.DATE, width=26),
    Column("talker", "谈话人", width=30),
    Column("talker_office", "谈话人职务", width=36),
    Column("partner", "谈话对象", width=30),
    Column("partner_office", "谈话对象职务", width=36),
    Column("category", "类别", width=22),
    Column("entered_on", "登记日期", ColumnKind.DATE, width=24),
)


class TalkLedgerForm(PeriodFilterForm):
    """Organisation, the period in which they talked, and the kind."""

    permission = VIEW
    category = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *TalkCategory.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        """Talks are asked for once a year."""
        return str(on.year)


@dataclass(frozen=True)
class Held:
    role: Role
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def talk_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by day. Three statements, whatever the number."""
    talks = _talks(user, cleaned, on)
    offices, names = _offices(talks), names_on_day(on)
    shown = talks.annotate(entered_on=TruncDate("entered_at"))
    shown = shown.order_by("organisation__level", "organisation__code", "held_on", "pk")
    for talk in shown.select_related("organisation", "talker", "partner").iterator(chunk_size=2000):
        yield (
            names.get(talk.organisation_id, talk.organisation.name),
            talk.held_on,
            talk.talker.name,
            _office(offices, talk.talker_id, talk.held_on),
            talk.partner.name,
            _office(offices, talk.partner_id, talk.held_on),
            talk.get_category_display(),
            talk.entered_on,
        )


def _talks(user: User | None, cleaned: Cleaned, on: date) -> QuerySet[Talk]:
    days = asked_days(cleaned, on)
    talks = Talk.objects.filter(TalkLedgerForm.rows_of(user, cleaned, on), known_by(on))
    if cleaned["category"]:
        talks = talks.filter(category=cleaned["category"])
    return talks.filter(held_on__range=(days.first, days.last))


def _offices(talks: QuerySet[Talk]) -> dict[int, list[Held]]:
    """Offices of everybody who talked, whenever they were held."""
    people = Q(member__in=talks.values("talker")) | Q(member__in=talks.values("partner"))
    held = Post.objects.filter(people, role__in=sorted(COMMITTEE_ROLES)).order_by("since", "pk")
    found: dict[int, list[Held]] = defaultdict(list)
    for member, role, since, until in held.values_list("member", "role", "since", "until"):
        found[member].append(Held(Role(role), since, until))
    return found


def _office(offices: Mapping[int, Sequence[Held]], member: int, day: date) -> str:
    held = {post.role for post in offices.get(member, ()) if post.on(day)}
    return "、".join(role.label for role in Role if role in held)


TALKS = register(
    Ledger(
        slug="talks",
        title="谈心谈话台账",
        description="谁在哪一天和谁谈话、属于哪一类；只登记这些，不登记谈话内容。职务按谈话当天。",
        columns=COLUMNS,
        filter_form=TalkLedgerForm,
        rows=talk_rows,
        heading=TalkLedgerForm.heading,
        permission=VIEW,
        may_open=TalkLedgerForm.may_open,
        order_note="按组织顺序、谈话日期先后排列",
        group=LedgerGroup.LIFE,
    )
)
