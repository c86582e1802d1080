"""Telling those concerned how an honour, a level or an objection moved on; nobody hears of their own act."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from errorbank.queries.keeping import keepers_of
from incentives.models import HonourCase, LevelCase, Objection
from incentives.notice_events import (
    HONOUR_MOVED,
    LEVEL_MOVED,
    OBJECTION_ANSWERED,
    OBJECTION_WAITING,
    objection_subject,
)
from incentives.queries.public_notices import reviewers_of
from incentives.rules.public_notices import ObjectionWay
from notices.actions.outbox import Letter, LineData, tell_all


@dataclass(frozen=True)
class News:
    """`words` stay inside; `title` names nobody and may leave the portal."""

    event: str
    key: str
    title: str
    words: str
    url: str
    place: Organisation
    subject: str = ""


def tell_honour(case: HonourCase, words: str, *, by: User | None, on: date) -> None:
    """To the nominee and the proposer; of a branch's honour to those who work for the branch."""
    people = {case.proposed_by_id}
    if case.nominee_id is not None:
        people.add(case.nominee_id)
    else:
        people |= {key for keys in keepers_of({case.organisation_id}, on=on).values() for key in keys}
    url = reverse("incentives:honour_detail", args=[case.pk])
    key = f"honour:{case.pk}:{case.state}"
    words = f"{case.subject_name}，{case.call}：{words}"
    _tell(News(HONOUR_MOVED, key, "荣誉评选有进展", words, url, case.organisation), people, by)


def tell_level(case: LevelCase, words: str, *, by: User | None) -> None:
    """To the applicant."""
    url = reverse("incentives:level_case", args=[case.pk])
    key = f"level:{case.pk}:{case.state}"
    words = f"{case.get_level_display()}：{words}"
    _tell(News(LEVEL_MOVED, key, "等级申请有进展", words, url, case.organisation), {case.user_id}, by)


def tell_reviewers(objection: Objection, *, by: User, on: date) -> None:
    """To those who may answer it: not who posted the notice, and nobody with a part in it."""
    notice = objection.notice
    apart = {notice.opened_by_id, objection.objector_id, *notice.apart.values_list("pk", flat=True)}
    people = set(reviewers_of(notice.organisation, on=on).values_list("pk", flat=True)) - apart
    news = News(
        OBJECTION_WAITING,
        f"objection:{objection.pk}",
        "有一条异议待核查",
        f"对“{notice.words}”有异议，请核查并书面答复。",
        reverse("incentives:objection_answer", args=[objection.pk]),
        notice.organisation,
        objection_subject(objection.pk),
    )
    _tell(news, {key for key in people if key is not None}, by)


def tell_objector(objection: Objection, *, by: User) -> None:
    """To who objected by name; what was said in person goes to who wrote it down, to be told in person."""
    is_named = objection.way == ObjectionWay.NAMED
    receiver = objection.objector_id if is_named else objection.recorded_by_id
    said = f"{objection.get_outcome_display()}：{objection.answer}"
    words = said if is_named else f"请当面告知反映人，再登记告知日期。{said}"
    key = f"objection_answered:{objection.pk}"
    url = reverse("incentives:notice_list")
    place = objection.notice.organisation
    if receiver is not None:
        _tell(News(OBJECTION_ANSWERED, key, "异议已有答复", words, url, place), {receiver}, by)


def _tell(news: News, people: Iterable[int], by: User | None) -> None:
    line = LineData(text=news.words, outside_text=news.title, subject=news.subject, url=news.url)
    keys = set(people) - {by.pk if by else None}
    found = User.objects.filter(pk__in=keys, is_active=True).order_by("pk")

    def letters() -> Iterator[Letter]:
        for user in found:
            yield Letter(
                recipient=user,
                event=news.event,
                key=news.key,
                title=news.title,
                outside_title=news.title,
                lines=(line,),
                url=news.url,
                organisation=news.place,
            )

    tell_all(letters(), now=timezone.now())
