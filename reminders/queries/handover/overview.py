"""Branches where work may fall between two people: nobody there, or more people than a handover takes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.rules import BRANCH_KINDS, GrantKind, OrganisationKind, Role
from periods.labels import day_label
from reminders.handover_rules import WorkerPost, double_since, gap_since
from reminders.models import Handover
from reminders.queries.handover.people import handover_url, person_of, with_holders

VIEW = "reminders.view_overview"
# The units that founded a joint branch may each keep their worker there for good.
SEVERAL_WORKERS = OrganisationKind.JOINT_BRANCH


@dataclass(frozen=True)
class GapRow:
    """One branch that needs a look; `url` leads to its handover, else to where a worker is registered."""

    organisation: Organisation
    title: str
    words: str
    since: date | None
    url: str
    tone: str


def gaps_and_doubles(user: User, *, on: date) -> list[GapRow]:
    """Of the branches this person oversees, those without one worker; two statements."""
    places = list(_suspicious(user, on))
    posts: dict[int, list[Post]] = defaultdict(list)
    if places:
        held = Post.objects.filter(organisation__in=places, role=Role.WORKER, since__lte=on)
        for post in held.select_related(*with_holders()).order_by("since", "pk"):
            posts[post.organisation_id].append(post)
    rows = [row for place in places for row in _rows(place, posts[place.pk], on)]
    return sorted(rows, key=lambda row: (row.tone != "late", row.organisation.code))


def _suspicious(user: User, on: date) -> QuerySet[Organisation]:
    """Active branches that have not exactly one worker post today, or a stand-in who cannot sign in."""
    now = Post.objects.at(on).filter(organisation=OuterRef("pk"), role=Role.WORKER).order_by()
    counted = now.values("organisation").annotate(n=Count("pk")).values("n")
    stuck = AccessGrant.objects.at(on).filter(
        organisation=OuterRef("pk"), kind=GrantKind.STAND_IN, user__is_active=False
    )
    running = Handover.objects.running().filter(organisation=OuterRef("pk"), role=Role.WORKER)
    places = Organisation.objects.permitted_to(user, VIEW, on=on).active(on=on)
    marked = places.filter(kind__in=sorted(BRANCH_KINDS)).annotate(
        workers=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        stuck=Exists(stuck),
        handover=Subquery(running.order_by("-pk").values("pk")[:1]),
    )
    return marked.filter(~Q(workers=1) | Q(stuck=True)).order_by("code")


def _rows(place: Organisation, posts: Iterable[Post], on: date) -> Iterable[GapRow]:
    marks, found = vars(place), [*posts]
    held = [WorkerPost(person_of(post), post.since, post.until) for post in found]
    url = handover_url(marks["handover"]) if marks["handover"] else ""
    if not marks["workers"]:
        yield _gap(place, gap_since(held, on=on), url, on)
    elif place.kind != SEVERAL_WORKERS and (shared := double_since(held, on=on)) is not None:
        names = [post.holder_name for post in found if post.until is None or post.until >= on]
        words = f"{'、'.join(dict.fromkeys(names))}，{day_label(shared, on)}起同时在任"
        yield GapRow(place, "党务工作者重叠", words, shared, url or _page(place), "soon")
    if marks["stuck"]:
        words = "临时代办人的账号已停用，请另行安排"
        yield GapRow(place, "代办人无法登录", words, None, _page(place), "late")


def _gap(place: Organisation, since: date | None, url: str, on: date) -> GapRow:
    words = f"{day_label(since, on)}起无人在任" if since else "还没有登记过党务工作者"
    add = reverse("branches:post_add", args=[place.pk])
    return GapRow(place, "缺党务工作者", words, since, url or add, "late")


def _page(place: Organisation) -> str:
    return reverse("branches:organisation_detail", args=[place.pk])
