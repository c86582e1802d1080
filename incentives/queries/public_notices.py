"""Notices on the board and the objections a person may read."""

from datetime import date

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from branches.models import Organisation
from incentives.models.notices import REVIEW, Objection, PublicNotice
from incentives.queries.holders import holders_above
from incentives.rules.public_notices import NoticeSubject


def notices_for(user: User, *, on: date) -> QuerySet[PublicNotice]:
    """The latest first; each with those of its objections that this person may read, as `readable`."""
    people = ("objector", "recorded_by", "answered_by")
    objections = Objection.objects.visible_to(user, on=on).select_related(*people).order_by("pk")
    found = PublicNotice.objects.visible_to(user, on=on).select_related("organisation", "opened_by")
    readable = Prefetch("objections", queryset=objections, to_attr="readable")
    return found.prefetch_related(readable).order_by("-opened_on", "-pk")


def reviewers_of(place: Organisation, *, on: date) -> QuerySet[User]:
    """Who may answer objections for this organisation."""
    return holders_above(place, REVIEW, on=on)


def notices_of(kind: NoticeSubject, subject_id: int) -> QuerySet[PublicNotice]:
    """Everything ever posted of one subject, the latest first."""
    return PublicNotice.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("-pk")
