"""The weekly release of what recipients decided: replies, the public wall, the counts of the year.

Called by the tick of burden.box.actions inside its transaction, once a week.
"""

import secrets
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from burden.box.figures import count, freeze_before
from burden.box.marks import Answered, all_marks
from burden.models import BoxAnswer, BoxLetter, BoxMark, BoxRecipient
from burden.notice_events import BOX_RELEASED, box_subject
from notices.actions.outbox import Letter, LineData, tell_all

TOLD_AT = time(8, 0)
# Word for word the same every week, whether anything came or not.
TITLE = "匿名直通车：本周例行提醒"
WORDS = "请到受理台看一看。有没有来信，每周都发这一条。"
OUTSIDE = "本周例行提醒，请登录查看。"
DESK = "/w/burden/box/"


@transaction.atomic
def publish(*, on: date) -> None:
    """Move what was decided to where it is read, in shuffled order, and tell every recipient the same.

    A letter that was withdrawn meanwhile takes its answer with it. Run twice it changes nothing more.
    """
    decided = {lookup: mark.answered for lookup, mark in all_marks().items() if mark.answered}
    kept = set(BoxLetter.objects.released().filter(lookup__in=decided).values_list("lookup", flat=True))
    answers = [answered for lookup, answered in decided.items() if lookup in kept and answered]
    secrets.SystemRandom().shuffle(answers)
    BoxAnswer.objects.bulk_create([_on_the_wall(one, on) for one in answers if one.words])
    freeze_before(on.year)
    count(on.year, answers)
    BoxMark.objects.filter(lookup__in=decided).delete()
    _drop_marks_without_letter()
    # New letters came, sealed to whoever received when they were written.
    BoxRecipient.objects.update(sealed_for="")
    _tell(on)


def _drop_marks_without_letter() -> None:
    """Of letters that were withdrawn or are kept no longer."""
    letters = BoxLetter.objects.released().values("lookup")
    BoxMark.objects.exclude(lookup__in=letters).delete()


def _on_the_wall(answered: Answered, on: date) -> BoxAnswer:
    return BoxAnswer(
        month=on.replace(day=1),
        category=answered.category,
        outcome=answered.outcome,
        words=answered.words,
        measure_id=answered.measure,
    )


def _tell(on: date) -> None:
    now = timezone.make_aware(datetime.combine(on, TOLD_AT))
    week = "{}-{:02}".format(*on.isocalendar()[:2])
    line = LineData(text=WORDS, outside_text=OUTSIDE, subject=box_subject(week), url=DESK)
    tell_all(
        (
            Letter(
                recipient=recipient.user,
                event=BOX_RELEASED,
                key=f"box:{week}",
                title=TITLE,
                outside_title=TITLE,
                lines=(line,),
                url=DESK,
                series="box",
            )
            for recipient in BoxRecipient.objects.select_related("user")
        ),
        now=now,
    )
