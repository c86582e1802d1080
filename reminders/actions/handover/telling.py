"""What people are told of a handover: when it begins, when it waits for them, when it is over."""

from collections.abc import Iterable
from datetime import date, datetime

from accounts.models import User
from notices.actions.outbox import Letter, LineData, tell_all, withdraw
from periods.labels import day_label
from reminders.handover_rules import Capacity, HandoverState
from reminders.models import Handover
from reminders.notice_events import HANDOVER_OPENED, HANDOVER_WAITS, handover_subject
from reminders.queries.handover.people import account_of, handover_url, has_begun, secretaries_of, staff_of
from reminders.queries.handover.rights import signed_in, witnesses

OUTSIDE_TITLE = "工作交接"
OUTSIDE_TEXT = "有一项工作交接需要您登录平台办理。"


def tell_opened(row: Handover, *, on: date, now: datetime) -> None:
    """The two people concerned, the secretary, and staff: one message each."""
    people = [*_taking_part(row, on), *secretaries_of(row.organisation, on=on), *_staff(row, on)]
    intro = f"{row.leaver_name}（{_post(row)}）最后在任日 {day_label(row.last_day, on)}，交接清单已整理好。"
    tell_all(
        (
            _letter(row, person, HANDOVER_OPENED, "opened", f"工作交接：{_post(row)}", intro)
            for person in _once(people)
        ),
        now=now,
    )


def tell_newcomer(row: Handover, *, on: date, now: datetime) -> None:
    """The newcomer, once, from the first day in the post: before it there is nothing they may read."""
    checked = row.state == HandoverState.CHECKED
    intro = f"{row.leaver_name}把这项工作交给您，清单已整理好。"
    title = f"请逐条确认交接清单：{_post(row)}" if checked else f"工作交接：{_post(row)}"
    people = _newcomer(row, on)
    tell_all((_letter(row, one, HANDOVER_OPENED, "opened", title, intro) for one in people), now=now)


def tell_waiting(row: Handover, *, on: date, now: datetime) -> None:
    """Whoever has to do the next step; what an earlier step asked for is no longer sent."""
    key = f"{row.state}:{now.isoformat()}"
    letters = [
        _letter(row, person, HANDOVER_WAITS, key, title, "打开交接清单即可办理。")
        for person, title in _asked(row, on).values()
    ]
    tell_all(letters, now=now)


def tell_question(row: Handover, *, asked: int, on: date, now: datetime) -> None:
    """The leaver, that the newcomer asked something; staff where the leaver has no account any more."""
    title, key = f"接收人对 {asked} 条有疑问，请补充说明", f"asked:{now.isoformat()}"
    people = _leaver(row) or _staff(row, on)
    tell_all((_letter(row, one, HANDOVER_WAITS, key, title, "") for one in people), now=now)


def tell_over(row: Handover, *, on: date, now: datetime) -> None:
    """That it is done or cancelled; in the portal alone, nothing has to be done any more."""
    withdraw([handover_subject(row.pk)], now=now)
    done = row.state == HandoverState.SIGNED
    title = f"交接已完成：{_post(row)}" if done else f"交接已撤销：{_post(row)}"
    intro = f"未办结事项已转给{row.newcomer_name}。" if done else f"原因：{row.reason}"
    people = [*_taking_part(row, on), *secretaries_of(row.organisation, on=on), *_staff(row, on)]
    tell_all(
        (_letter(row, p, HANDOVER_WAITS, row.state, title, intro, inside_only=True) for p in _once(people)),
        now=now,
    )


def _asked(row: Handover, on: date) -> dict[int, tuple[User, str]]:
    """By account: who has to act now, and what is asked of them."""
    if row.state == HandoverState.CHECKED and row.newcomer_post is None:
        return _each(_staff(row, on), f"请确定接收人：{_post(row)}")
    if row.state == HandoverState.CHECKED:
        return _each(_newcomer(row, on), f"请逐条确认交接清单：{_post(row)}")
    if row.state != HandoverState.CONFIRMED:
        return {}
    signed = signed_in(row)
    people = {
        Capacity.LEAVER: _leaver(row) or _staff(row, on),
        Capacity.NEWCOMER: _newcomer(row, on),
        Capacity.WITNESS: _staff(row, on),
    }
    waiting = [person for capacity, who in people.items() if capacity not in signed for person in who]
    return _each(waiting, f"请在交接单上签字：{_post(row)}")


def _post(row: Handover) -> str:
    return f"{row.organisation.name}{row.get_role_display()}"


def _each(people: Iterable[User], title: str) -> dict[int, tuple[User, str]]:
    return {person.pk: (person, title) for person in people}


def _once(people: Iterable[User]) -> list[User]:
    return list({person.pk: person for person in people}.values())


def _leaver(row: Handover) -> list[User]:
    return [row.leaver] if row.leaver is not None and row.leaver.is_active else []


def _newcomer(row: Handover, on: date) -> list[User]:
    post = row.newcomer_post
    account = account_of(post) if post is not None and has_begun(post, on) else None
    return [account] if account is not None and account.is_active else []


def _taking_part(row: Handover, on: date) -> list[User]:
    return [*_leaver(row), *_newcomer(row, on)]


def _staff(row: Handover, on: date) -> list[User]:
    return staff_of(row.organisation, roles=witnesses(row.organisation), on=on)


def _letter(
    row: Handover,
    person: User,
    event: str,
    key: str,
    title: str,
    intro: str,
    *,
    inside_only: bool = False,
) -> Letter:
    url = handover_url(row.pk)
    subject = "" if inside_only else handover_subject(row.pk)
    return Letter(
        recipient=person,
        event=event,
        key=f"{handover_subject(row.pk)}:{key}",
        title=title,
        outside_title=OUTSIDE_TITLE,
        lines=(LineData(title, OUTSIDE_TEXT, subject, url),),
        intro=intro,
        url=url,
        series="" if inside_only else f"reminders.{handover_subject(row.pk)}",
        organisation=row.organisation,
        inside_only=inside_only,
    )
