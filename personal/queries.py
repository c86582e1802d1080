"""Everything about one person, who may correct it, and who has left for good."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import CharField, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from branches.models import AccessGrant, Member, Membership, Organisation, Post
from branches.queries.roster import masked_number_of
from branches.roles import roles_with
from personal.models import ANSWER, Correction
from personal.relations import ABOUT, WORK, About
from personal.rules import Leaver, left_before
from personal.work_done import DONE

REVEALED = "branches.id_number_revealed"
VIEWS_SHOWN = 20


@dataclass(frozen=True)
class Section:
    """One kind of rows about a person, and how many there are."""

    about: About
    rows: int


def member_of(user: User) -> Member | None:
    return Member.objects.filter(user=user.pk).first()


def place_of(user: User, *, on: date) -> Organisation | None:
    """Where somebody's data is kept right: the branch of the member, else that of the latest post."""
    spans = Membership.objects.decisive(on).filter(member__user=user.pk)
    found = spans.select_related("organisation").first()
    if found is None:
        posts = Post.objects.at(on).held_by(user).select_related("organisation")
        post = posts.order_by("-since", "-pk").first()
        return post.organisation if post else None
    return found.organisation


def sections_of(user: User) -> tuple[list[Section], int]:
    """What is kept about somebody, kind by kind, and how many rows name them as who did it. One statement."""
    counted = _counts({about.code: about.of_user(user.pk) for about in ABOUT} | _done_by(user.pk, "user"))
    found = [Section(about, counted[about.code]) for about in ABOUT if about.code in counted]
    return found, sum(rows for code, rows in counted.items() if code.startswith(WORK))


def _counts(sources: dict[str, QuerySet[Any]]) -> dict[str, int]:
    """code → number of rows, without those that have none."""
    parts = [
        rows.order_by()
        .values(counted_as=Value(code, CharField()))
        .annotate(counted_rows=Count("pk"))
        .values_list("counted_as", "counted_rows")
        for code, rows in sources.items()
    ]
    return {code: rows for code, rows in parts[0].union(*parts[1:], all=True) if rows}


def _done_by(pk: int, whose: str) -> dict[str, QuerySet[Any]]:
    """Rows of work by an account, or by the account of a member."""
    found = {}
    for label, fields in DONE.items():
        model = apps.get_model(label)
        for name in fields.split():
            to_member = model._meta.get_field(name).related_model is Member
            path = {("user", True): f"{name}__user", ("member", False): f"{name}__member"}
            found[f"{WORK}:{label}.{name}"] = model._base_manager.filter(
                **{path.get((whose, to_member), name): pk}
            )
    return found


def own_facts(user: User, member: Member | None) -> list[tuple[str, str]]:
    """The columns of account and member, as the own page says them; the id number masked."""
    facts = [("姓名", user.name), ("登录名", user.username), ("账号建立", said(user.date_joined))]
    if member is None:
        return facts
    return [
        *facts,
        ("名册姓名", member.name),
        ("名册编号", member.code),
        ("所在部门", said(member.home_department)),
        ("入党日期", said(member.joined_on)),
        ("出生日期", said(member.birth_on)),
        ("身份证号", masked_number_of(member) or "未登记"),
    ]


def number_views(member: Member | None) -> list[AuditEvent]:
    """Who looked at the full id number, the latest first."""
    if member is None:
        return []
    seen = AuditEvent.objects.about(member).filter(event=REVEALED)
    return list(seen.order_by("-pk")[:VIEWS_SHOWN])


def rows_about(user: User) -> Iterator[tuple[str, int, str, str]]:
    """Every fact of every row about somebody: kind, number of the row, what, its words."""
    for label, words in own_facts(user, member_of(user)):
        yield "基本信息", 1, label, words
    for about in ABOUT:
        for number, row in enumerate(about.of_user(user.pk).order_by("pk"), start=1):
            for label, path in about.facts:
                yield about.label, number, label, said(_value(row, path))


def _value(row: Any, path: str) -> Any:
    """What stands at the end of a path; a choice by its label."""
    *steps, last = path.split("__")
    for step in steps:
        row = getattr(row, step)
    return getattr(row, f"get_{last}_display", lambda: getattr(row, last))()


def said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return "未登记" if value in (None, "") else str(value)


# --- corrections ---------------------------------------------------------------------------------


def corrections_for(user: User, *, on: date) -> QuerySet[Correction]:
    """Those one may answer: waiting ones first, the oldest on top."""
    found = Correction.objects.permitted_to(user, ANSWER, on=on)
    return found.select_related("user", "organisation", "answered_by").order_by("-state", "asked_at", "pk")


def answerers_of(place: Organisation, *, asker: User, on: date) -> list[User]:
    """Who is asked to answer: others than the asker, of the nearest level at which somebody may."""
    steps = [step for step in place.path.split("/") if step]
    above = ["".join(f"{step}/" for step in steps[: n + 1]) for n in range(len(steps))]
    posts = Post.objects.at(on).filter(organisation__path__in=above, role__in=sorted(roles_with(ANSWER)))
    others = User.objects.filter(is_active=True).exclude(pk=asker.pk).order_by("pk")
    for path in reversed(above):
        here = posts.filter(organisation__path=path)
        holds = Q(pk__in=here.values("user")) | Q(member__pk__in=here.values("member"))
        if found := list(others.filter(holds)):
            return found
    return []


# --- leavers -------------------------------------------------------------------------------------


def due_leavers(*, on: date) -> QuerySet[Member]:
    """Who left long ago, holds nothing and was not erased since; who left first on top."""
    spans = Membership.objects.filter(member=OuterRef("pk"))
    posts = Post.objects.at(on).filter(Q(member=OuterRef("pk")) | Q(user=OuterRef("user")))
    grants = AccessGrant.objects.at(on).filter(user=OuterRef("user"))
    return (
        Member.objects.filter(~Exists(spans.filter(until=None)))
        .annotate(left_on=Max("memberships__until"), first_on=Min("memberships__since"))
        .annotate(erased_on=Max("erasures__done_on"))
        .filter(Q(erased_on=None) | Q(erased_on__lt=F("left_on")))
        .filter(~Exists(posts), ~Exists(grants), left_on__lte=left_before(on))
        .exclude(user__is_superuser=True)
        .order_by(F("left_on"), "pk")
    )


def leaver_of(member: Member, *, on: date) -> Leaver:
    """The facts that decide about one person."""
    spans = list(Membership.objects.filter(member=member).values_list("until", flat=True))
    ends = [until for until in spans if until]
    holder = Q(member=member) | Q(user__member=member)
    holds = (
        Post.objects.at(on).filter(holder).exists()
        or AccessGrant.objects.at(on).filter(user__member=member).exists()
        or User.objects.filter(member=member, is_superuser=True).exists()
    )
    left_on = max(ends) if ends and None not in spans else None
    return Leaver(left_on, holds, ledgers_of(member))


def ledgers_of(member: Member) -> list[str]:
    """The ledgers that carry this name; one statement."""
    kept = [about for about in ABOUT if about.ledger]
    counted = _counts(
        {about.code: about.of_member(member.pk) for about in kept} | _done_by(member.pk, "member")
    )
    named = [about.ledger for about in kept if about.code in counted]
    work = [WORK for code in counted if code.startswith(WORK)]
    return list(dict.fromkeys(named + work))
