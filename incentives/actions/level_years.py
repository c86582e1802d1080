"""Yearly checks of a level, the written notification, lowering it, and telling that a term ends."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from audit import actions as audit
from incentives.actions.levels import end_term
from incentives.models import LevelTerm, LevelWarning, LevelYear
from incentives.notice_events import LEVEL_ENDING, LEVEL_WARNED
from incentives.queries.levels import evidence_pack, lines_for, missed_years, standard_of
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import checksum
from incentives.rules.levels import (
    RENEW_FROM,
    LevelCode,
    TermOrigin,
    last_term_day,
    lower_code,
    met_for_year,
)
from notices.actions.outbox import Letter, LineData, tell, tell_all
from periods.labels import day_label

OUTSIDE = "有一项与您本人有关的事项，请登录平台查看。"


def _locked_term(term: LevelTerm, by: User) -> LevelTerm:
    row = (
        LevelTerm.objects.select_for_update(of=("self",))
        .select_related("user", "organisation")
        .get(pk=term.pk)
    )
    if row.user_id == by.pk:
        raise IncentiveRefused("本人请回避，由其他人办理这一步。")
    if row.ended_on is not None:
        raise IncentiveRefused("这个等级已经不再有效，请刷新页面查看。")
    return row


@transaction.atomic
def assess_year(term: LevelTerm, *, year: int, by: User, on: date) -> LevelYear:
    """Freeze whether a finished year met the criteria of the level held. Raises IncentiveRefused."""
    row, last = _locked_term(term, by), date(year, 12, 31)
    if on <= last:
        raise IncentiveRefused(f"{year} 年还没有结束，年底以后再核对。")
    if row.since > last:
        raise IncentiveRefused(f"{year} 年还没有认定这个等级，不核对。")
    if LevelYear.objects.filter(user=row.user, year=year).exists():
        raise IncentiveRefused(f"{year} 年已经核对过，不用重复核对。")
    standard = standard_of(row.organisation, on=last)
    level = standard.levels[LevelCode(row.level)]
    pack = evidence_pack(row.user, row.organisation, level, standard, last)
    made = LevelYear.objects.create(
        user=row.user,
        organisation=row.organisation,
        term=row,
        year=year,
        met=met_for_year(lines_for(row.user, level, on=last)),
        evidence=pack,
        checksum=checksum(pack),
        made_by=by,
        made_on=on,
    )
    audit.record("incentives.level_year_checked", by=by, target=made, detail={"met": made.met})
    return made


@transaction.atomic
def warn_level(term: LevelTerm, *, words: str, by: User, on: date, now: datetime) -> LevelWarning:
    """The written notification; the person is told at once. Raises IncentiveRefused."""
    row = _locked_term(term, by)
    years = missed_years(row)
    if not years:
        raise IncentiveRefused("连续两年未达标才可以告知降级。")
    if LevelWarning.objects.filter(term=row).exists():
        raise IncentiveRefused("已经书面告知过，不用重复告知。")
    if not words.strip():
        raise IncentiveRefused("请写明哪些条件没有达到、本人可以怎么说明。")
    made = LevelWarning.objects.create(
        user=row.user,
        organisation=row.organisation,
        term=row,
        years=list(years),
        words=words.strip(),
        written_by=by,
        written_on=on,
    )
    tell(
        _letter(
            row, LEVEL_WARNED, f"level_warned:{made.pk}", "等级书面告知", "请打开“我的等级”查看并确认收到。"
        ),
        now=now,
    )
    audit.record("incentives.level_warned", by=by, target=made, detail={"years": list(years)})
    return made


@transaction.atomic
def acknowledge_warning(warning: LevelWarning, *, by: User, on: date) -> LevelWarning:
    """Received, which is not agreed. A second time changes nothing. Raises IncentiveRefused."""
    row = LevelWarning.objects.select_for_update(of=("self",)).get(pk=warning.pk)
    if row.user_id != by.pk:
        raise IncentiveRefused("由本人确认收到。")
    if row.acknowledged_on is None:
        row.acknowledged_on = on
        row.save(update_fields=["acknowledged_on"])
        audit.record("incentives.level_warning_received", by=by, target=row)
    return row


@transaction.atomic
def deliver_warning(
    warning: LevelWarning, *, words: str, delivered_on: date, by: User, on: date
) -> LevelWarning:
    """Handed over on paper, with how and before whom. Raises IncentiveRefused."""
    row = LevelWarning.objects.select_for_update(of=("self",)).get(pk=warning.pk)
    if row.user_id == by.pk:
        raise IncentiveRefused("本人请回避，由其他人登记送达。")
    if row.has_reached:
        raise IncentiveRefused("已经送达，不用重复登记。")
    if not row.written_on <= delivered_on <= on:
        raise IncentiveRefused("送达日期要在告知以后、今天以前，请核对。")
    if not words.strip():
        raise IncentiveRefused("请写明怎样送达、谁在场。")
    row.delivered_on, row.delivered_words = delivered_on, words.strip()
    row.save(update_fields=["delivered_on", "delivered_words"])
    audit.record("incentives.level_warning_delivered", by=by, target=row)
    return row


@transaction.atomic
def lower_level(warning: LevelWarning, *, by: User, on: date) -> LevelTerm | None:
    """To the level below; below the lowest there is none. Raises IncentiveRefused."""
    term = _locked_term(warning.term, by)
    row = LevelWarning.objects.select_for_update(of=("self",)).get(pk=warning.pk)
    if not row.has_reached:
        raise IncentiveRefused("书面告知还没有送达：等本人确认收到，或登记送达以后再办。")
    if not missed_years(term):
        raise IncentiveRefused("已不是连续两年未达标，不能降级。")
    row.lowered_on = on
    row.save(update_fields=["lowered_on"])
    end_term(term, on)
    audit.record("incentives.level_lowered", by=by, target=term)
    code = lower_code(term.level)
    return _lower_term(term, code, on) if code else None


def _lower_term(term: LevelTerm, code: LevelCode, on: date) -> LevelTerm:
    level = standard_of(term.organisation, on=on).levels[code]
    return LevelTerm.objects.create(
        user=term.user,
        organisation=term.organisation,
        level=code,
        coefficient=level.coefficient,
        since=on,
        until=last_term_day(on, level.term_years),
        origin=TermOrigin.LOWERED,
    )


def remind_term_ends(*, on: date, now: datetime) -> int:
    """Everybody whose term ends soon, once; a missed or doubled run changes nothing."""
    ending = LevelTerm.objects.filter(ended_on=None, until__lte=on + RENEW_FROM)
    terms: Sequence[LevelTerm] = list(ending.select_related("user", "organisation").order_by("pk"))
    return tell_all((_ending(term, on) for term in terms), now=now)


def _ending(term: LevelTerm, on: date) -> Letter:
    text = f"{term}有效期至{day_label(term.until, on)}，现在可以申请续期；没有续期的，等级不因到期自动取消。"
    return _letter(term, LEVEL_ENDING, f"level_ending:{term.pk}", "等级有效期将到", text)


def _letter(term: LevelTerm, event: str, key: str, title: str, text: str) -> Letter:
    url = reverse("incentives:level_mine")
    line = LineData(text, OUTSIDE, subject=key, url=url)
    return Letter(
        recipient=term.user,
        event=event,
        key=key,
        title=title,
        outside_title="本人事项",
        lines=(line,),
        url=url,
        organisation=term.organisation,
    )
