"""Telling invited branches of a session, of a change, of its end; nobody is told of their own act."""

from collections.abc import Collection, Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from errorbank.queries.keeping import keepers_of
from notices.actions.outbox import Letter, LineData, tell_all
from periods.labels import day_label
from training.models import Session
from training.notice_events import SESSION_CHANGED, SESSION_PLANNED, session_subject


def tell_planned(session: Session, places: Collection[int], *, by: User, on: date) -> None:
    _tell(session, places, SESSION_PLANNED, f"请参加：{session.title}", by=by, on=on)


def tell_changed(session: Session, places: Collection[int], *, by: User, on: date) -> None:
    _tell(session, places, SESSION_CHANGED, f"培训有变动：{session.title}", by=by, on=on)


def tell_cancelled(session: Session, places: Collection[int], *, by: User, on: date) -> None:
    _tell(session, places, SESSION_CHANGED, f"培训取消：{session.title}", by=by, on=on, words=session.reason)


def when_words(session: Session, *, on: date) -> str:
    """“11月30日 周一 9:00”, or without the hour."""
    clock = f" {session.starts_at:%H:%M}" if session.starts_at else ""
    return f"{day_label(session.held_on, on)}{clock}"


def _tell(
    session: Session, places: Collection[int], event: str, title: str, *, by: User, on: date, words: str = ""
) -> None:
    line = LineData(
        text=words or f"{when_words(session, on=on)}，{session.place}",
        outside_text=f"{session.get_kind_display()}，{when_words(session, on=on)}",
        subject=session_subject(session.pk) if event == SESSION_PLANNED else "",
        url=reverse("training:session_detail", args=[session.pk]),
    )

    def letters() -> Iterator[Letter]:
        for user in _told(places, session, by):
            yield Letter(
                recipient=user,
                event=event,
                key=f"session:{session.pk}:{session.revision}",
                title=title,
                outside_title="有一次培训的通知" if event == SESSION_PLANNED else "一次培训有变动",
                lines=(line,),
                url=line.url,
                organisation=session.organisation,
            )

    tell_all(letters(), now=timezone.now())


def _told(places: Collection[int], session: Session, by: User) -> list[User]:
    """Who works for these branches, and who leads the session."""
    keys = {key for keepers in keepers_of(places, on=session.held_on).values() for key in keepers}
    keys |= {session.leader_id} if session.leader_id else set()
    return list(User.objects.filter(pk__in=keys - {by.pk}, is_active=True).order_by("pk"))
