"""Posts and terms (任职与任期台账): who held what from when to when, and how the committee's term stands."""

from collections.abc import Iterator
from datetime import date

from django import forms
from django.db.models import Max, QuerySet

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, asked_days, names_on_day
from branches.models import Organisation, OrganisationEvent, Post, Term
from branches.queries.elections import ELECTING_KINDS, NOTICE_RULE
from branches.queries.history import TermOn
from branches.queries.policy import rules_of
from branches.rules import COMMITTEE_ROLES, EXCLUSIVE_ROLES, OrganisationEventKind, Role
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from periods.months import add_months

VIEW = "branches.view_organisation"
# The committee first. Who keeps, checks or answers for the portal holds no post of the Party by that.
SHOWN_ROLES = [
    *(role for role in Role if role in COMMITTEE_ROLES),
    *(role for role in Role if role not in COMMITTEE_ROLES | EXCLUSIVE_ROLES),
]
HELD, ENDED = "held", "ended"

COLUMNS = (
    Column("organisation", "党组织", width=40),
    Column("role", "职务", width=30),
    Column("name", "姓名", width=19),
    Column("since", "任职日期", ColumnKind.DATE, width=23),
    Column("until", "离任日期", ColumnKind.DATE, width=23),
    Column("post_state", "在任情况", ColumnKind.STATE, width=19),
    Column("elected_on", "本届选举日期", ColumnKind.DATE, width=25),
    Column("ends_on", "任期届满日期", ColumnKind.DATE, width=25),
    Column("days_left", "距届满天数", ColumnKind.INTEGER, width=19),
    Column("term_state", "任期情况", ColumnKind.STATE, width=35),
)


class PostLedgerForm(PeriodFilterForm):
    """Organisation, the period in which a post was held, its kind, and whether it still is."""

    permission = VIEW
    role = forms.MultipleChoiceField(
        label="职务",
        required=False,
        choices=[(role.value, role.label) for role in SHOWN_ROLES],
        help_text="不选则列出全部。",
    )
    state = forms.ChoiceField(
        label="在任情况", required=False, choices=[("", "全部"), (HELD, "在任"), (ENDED, "已离任")]
    )


def post_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, by office, then by the first day. Five statements, whatever the number."""
    days = asked_days(cleaned, on)
    posts = list(_posts(user, cleaned, on))
    places = {post.organisation_id: post.organisation for post in posts}
    terms, names = _terms(places, days.day), names_on_day(days.day)
    rules = rules_of(places.values(), on=days.day)
    for post in sorted(posts, key=_order):
        place = post.organisation
        yield (
            names.get(place.pk, place.name),
            post.get_role_display(),
            post.holder_name,
            post.since,
            post.until,
            post_cell(post, days.day),
            *_term(post, terms.get(place.pk), rules[place.pk][NOTICE_RULE].number, days.day),
        )


def _posts(user: User | None, cleaned: Cleaned, on: date) -> QuerySet[Post]:
    days = asked_days(cleaned, on)
    posts = Post.objects.not_ended(days.first).filter(PostLedgerForm.rows_of(user, cleaned, on))
    posts = posts.filter(since__lte=days.last, role__in=cleaned["role"] or SHOWN_ROLES)
    if cleaned["state"] == HELD:
        posts = posts.at(days.day)
    elif cleaned["state"] == ENDED:
        posts = posts.filter(until__lt=days.day)
    return posts.select_related("organisation", "member", "user")


def _order(post: Post) -> tuple[int, str, int, date, int]:
    place = post.organisation
    return place.level, place.code, SHOWN_ROLES.index(Role(post.role)), post.since, post.pk


def post_cell(post: Post, day: date) -> Cell:
    if post.until is not None and post.until < day:
        return Cell("已离任")
    return Cell("在任", Tone.OK) if post.since <= day else Cell("未到任")


def _terms(places: dict[int, Organisation], day: date) -> dict[int, TermOn]:
    """The term that ran on that day with the end known then; two statements."""
    electing = [place.pk for place in places.values() if place.kind in ELECTING_KINDS]
    extended = OrganisationEvent.objects.standing().filter(kind=OrganisationEventKind.TERM_EXTENDED)
    decided = dict(extended.filter(organisation__in=electing).values_list("term").annotate(Max("on")))
    begun = Term.objects.filter(organisation__in=electing, elected_on__lte=day).order_by("elected_on")
    found: dict[int, TermOn] = {}
    for term in begun:
        longer = term.extended_to and decided.get(term.pk, date.min) <= day
        end = term.extended_to if term.extended_to and longer else term.ends_on
        found[term.organisation_id] = TermOn(term.elected_on, end, extended=bool(longer))
    return found


def _term(
    post: Post, term: TermOn | None, notice_months: int, day: date
) -> tuple[date | None, date | None, int | None, Cell | None]:
    """The term of an elected office that is held on that day; nothing for other posts."""
    held = post.since <= day and (post.until is None or day <= post.until)
    elected = post.role in COMMITTEE_ROLES and post.organisation.kind in ELECTING_KINDS
    if not (held and elected):
        return None, None, None, None
    if term is None:
        return None, None, None, Cell("任期未登记", Tone.SOON)
    return term.elected_on, term.ends_on, (term.ends_on - day).days, term_cell(term, notice_months, day)


def term_cell(term: TermOn, notice_months: int, day: date) -> Cell:
    if term.ends_on < day:
        return Cell("任期已届满", Tone.LATE)
    if add_months(term.ends_on, -notice_months) <= day:
        return Cell("即将届满，准备换届", Tone.SOON)
    return Cell("任期内（已延期）" if term.extended else "任期内", Tone.OK)


POSTS = register(
    Ledger(
        slug="posts",
        title="任职与任期台账",
        description="期间内任过的每个职务：起止日期、在任情况；委员会成员另列本届任期和距届满的天数，都按期间最后一天（本期按今天）计算。",
        columns=COLUMNS,
        filter_form=PostLedgerForm,
        rows=post_rows,
        heading=PostLedgerForm.heading,
        permission=VIEW,
        may_open=PostLedgerForm.may_open,
        order_note="按组织顺序、职务、任职日期先后排列",
        group=LedgerGroup.PEOPLE,
    )
)
