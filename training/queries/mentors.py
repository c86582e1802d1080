"""Reads of mentors: who helps with what, one's own requests, pairs and what a pair changed."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from branches.models import Organisation, Post
from errorbank.models import Finding
from training.models import HelpRequest, MentorTopic, Pair
from training.models.mentors import KEEP_MENTOR, VIEW_MENTOR
from training.queries.outputs import possible_authors
from training.rules.mentors import (
    ASKED_WITHIN,
    FEWEST_ASKERS,
    TOPIC_LABELS,
    TOPICS,
    Spans,
    categories_of,
    spans_of,
)


@dataclass(frozen=True)
class Helper:
    """`offer`: the row of the offer; `asked`: the reader waits for this one's answer already."""

    offer: int
    user: int
    name: str
    place: str
    is_full: bool = False
    is_self: bool = False
    asked: bool = False


@dataclass(frozen=True)
class TopicHelpers:
    topic: str
    helpers: tuple[Helper, ...]

    @property
    def name(self) -> str:
        return TOPIC_LABELS[self.topic]


@dataclass
class HelpPage:
    topics: list[TopicHelpers] = field(default_factory=list)
    # What the reader asks, and what the reader is asked.
    mine: list[HelpRequest] = field(default_factory=list)
    asked_of_me: list[HelpRequest] = field(default_factory=list)
    offered: list[MentorTopic] = field(default_factory=list)
    may_ask: bool = False


def circle_of(user: User, *, on: date) -> QuerySet[Organisation]:
    """Where one's colleagues work: one's organisations, their general branch and all its branches."""
    places = Organisation.objects.permitted_to(user, VIEW_MENTOR, on=on)
    houses = Organisation.objects.filter(
        Q(pk__in=places.exclude(pk__in=places.branches().values("pk")).values("pk"))
        | Q(pk__in=places.branches().values("parent"))
    ).values("pk")
    return Organisation.objects.filter(
        Q(pk__in=places.values("pk")) | Q(pk__in=houses) | Q(parent__in=houses)
    )


def colleagues(user: User, *, on: date) -> QuerySet[User]:
    return possible_authors(circle_of(user, on=on), on=on)


def loads_of(users: Iterable[int], *, on: date) -> Counter[tuple[int, str]]:
    """How many pairs and open requests each has, by person and topic. Two statements."""
    keys = list(users)
    return _loads(keys, _waiting_for(keys), on=on)


def _waiting_for(keys: list[int]) -> list[tuple[int, int, str]]:
    """Asker, helper and topic of the open requests to these people."""
    waiting = HelpRequest.objects.waiting().filter(helper__in=keys)
    return list(waiting.values_list("asker", "helper", "topic"))


def _loads(keys: list[int], waiting: list[tuple[int, int, str]], *, on: date) -> Counter[tuple[int, str]]:
    found = Counter[tuple[int, str]]()
    for mentor, goals in Pair.objects.running(on=on).filter(mentor__in=keys).values_list("mentor", "goals"):
        found.update((mentor, goal) for goal in set(goals))
    found.update((helper, topic) for _, helper, topic in waiting)
    return found


def offers_for(user: User, *, on: date) -> QuerySet[MentorTopic]:
    """What colleagues, and the reader, offer."""
    return MentorTopic.objects.filter(user__in=colleagues(user, on=on).order_by())


def helpers_by_topic(user: User, *, on: date) -> dict[str, list[Helper]]:
    """Who of the reader's colleagues helps with what, by name. Four statements."""
    offers = list(offers_for(user, on=on).select_related("user").order_by("user__name", "user"))
    people = list({offer.user_id for offer in offers})
    waiting = _waiting_for(people)
    loads, places = _loads(people, waiting, on=on), _places_of(people, on=on)
    asked = {(helper, topic) for asker, helper, topic in waiting if asker == user.pk}
    found: dict[str, list[Helper]] = defaultdict(list)
    for offer in offers:
        key = (offer.user_id, offer.topic)
        found[offer.topic].append(
            Helper(
                offer.pk,
                offer.user_id,
                offer.user.name,
                places.get(offer.user_id, ""),
                is_full=loads[key] >= offer.most,
                is_self=offer.user_id == user.pk,
                asked=key in asked,
            )
        )
    return found


def _places_of(users: Iterable[int], *, on: date) -> dict[int, str]:
    """The organisation each works for; of several, the one nearest the ground."""
    held = Post.objects.at(on).filter(Q(user__in=users) | Q(member__user__in=users))
    rows = held.order_by("organisation__level", "organisation__code", "pk")
    return {
        own or by_member: name
        for own, by_member, name in rows.values_list("user", "member__user", "organisation__name")
    }


def help_page(user: User, *, may_ask: bool, on: date) -> HelpPage:
    """Six statements."""
    found = helpers_by_topic(user, on=on)
    waiting = list(
        HelpRequest.objects.waiting()
        .filter(Q(asker=user) | Q(helper=user))
        .select_related("asker", "helper")
        .order_by("asked_on", "pk")
    )
    offered = {topic for topic, helpers in found.items() if any(helper.is_self for helper in helpers)}
    own = MentorTopic.objects.filter(user=user).order_by("pk")
    return HelpPage(
        topics=[TopicHelpers(topic, tuple(found[topic])) for topic, _ in TOPICS if found.get(topic)],
        mine=[row for row in waiting if row.asker_id == user.pk],
        asked_of_me=[row for row in waiting if row.helper_id == user.pk],
        offered=list(own) if offered else [],
        may_ask=may_ask,
    )


def topics_asked_for(user: User, *, on: date) -> list[str]:
    """Topics for which enough different people of one's offices asked; never who, how many or whom."""
    places = Organisation.objects.permitted_to(user, KEEP_MENTOR, on=on)
    askers = possible_authors(places, on=on).order_by()
    rows = (
        HelpRequest.objects.filter(asked_on__gt=on - ASKED_WITHIN, asked_on__lte=on, asker__in=askers)
        .values("topic")
        .annotate(people=Count("asker", distinct=True))
        .filter(people__gte=FEWEST_ASKERS)
        .values_list("topic", flat=True)
        .order_by()
    )
    found = set(rows)
    return [label for topic, label in TOPICS if topic in found]


@dataclass(frozen=True)
class Measure:
    """What was found with the pupil before the pair and since, in as many days each."""

    spans: Spans
    before: int
    since: int


@dataclass
class PairPage:
    pair: Pair
    # Only the two see these.
    is_one_of_two: bool
    measure: Measure | None = None
    talks: list[date] = field(default_factory=list)
    is_mentor: bool = False
    is_running: bool = False
    may_decide: bool = False


def pairs_of(user: User, *, on: date) -> list[Pair]:
    """One's own and those one's offices keep: running ones first, the nearest end on top. One statement."""
    rows = Pair.objects.visible_to(user, on=on).select_related("mentor", "pupil", "organisation")
    return sorted(rows, key=lambda pair: (pair.has_ended, *_by_day(pair), pair.pk))


def _by_day(pair: Pair) -> tuple[int]:
    return (-pair.ended_on.toordinal(),) if pair.ended_on else (pair.until.toordinal(),)


def pair_page(pair: Pair, user: User, *, on: date) -> PairPage:
    """Four statements for the two, one for the office."""
    own = user.pk in (pair.mentor_id, pair.pupil_id)
    keeps = Pair.objects.permitted_to(user, KEEP_MENTOR, on=on).filter(pk=pair.pk).exists()
    page = PairPage(pair, own, may_decide=keeps and not pair.has_ended)
    if own:
        page.is_mentor = user.pk == pair.mentor_id
        page.is_running = not pair.has_ended and pair.since <= on <= pair.until
        page.talks = list(pair.talks.order_by("-held_on").values_list("held_on", flat=True))
        page.measure = measure_of(pair, on=on)
    return page


def measure_of(pair: Pair, *, on: date) -> Measure | None:
    """Findings for which the pupil answered, in what the pair is about; never self-reported ones."""
    spans = spans_of(pair.since, min(on, pair.ended_on or pair.until))
    if spans is None:
        return None
    mine = Q(responsible_post__user=pair.pupil_id) | Q(responsible_post__member__user=pair.pupil_id)
    found = Finding.objects.counted().filter(mine, category__in=categories_of(pair.goals))
    counts = found.aggregate(
        before=Count("pk", filter=Q(happened_on__range=spans.before)),
        since=Count("pk", filter=Q(happened_on__range=spans.since)),
    )
    return Measure(spans, counts["before"], counts["since"])
