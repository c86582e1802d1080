"""The reserve pool step by step, recommendations, and the frozen evidence file with its PDF."""

from datetime import date, datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.models import Dossier, Recommendation, ReservePlace
from incentives.notice_events import RESERVE_ASKED
from incentives.queries.dossiers import snapshot_of
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import checksum
from incentives.rules.levels import RESERVE_MOVES, RUNNING_RESERVE, ReserveState, says_rank
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces
from notices.actions.outbox import Letter, LineData, tell

STYLE, TEMPLATE = "incentives/dossier_pdf.css", "incentives/dossier_pdf.html"
RANKED = "请写符合什么条件、有什么佐证，不写名次。"


@transaction.atomic
def propose_reserve(
    place: Organisation, *, user: User, reason: str, by: User, on: date, now: datetime
) -> ReservePlace:
    """The person is asked first. Raises IncentiveRefused."""
    User.objects.select_for_update().get(pk=user.pk)
    if user.pk == by.pk:
        raise IncentiveRefused("不能提出自己，请由其他人提出。")
    if says_rank(reason):
        raise IncentiveRefused(RANKED)
    if ReservePlace.objects.filter(user=user, state__in=sorted(RUNNING_RESERVE)).exists():
        raise IncentiveRefused("已经提出或在库，不用重复提出。")
    made = ReservePlace.objects.create(
        user=user, organisation=place, reason=reason.strip(), proposed_by=by, proposed_on=on
    )
    url = reverse("incentives:reserve_list")
    line = LineData("党总支提议您进入后备干部库，请您答复是否同意。", "有一项提议请您答复。", url=url)
    tell(
        Letter(
            recipient=user,
            event=RESERVE_ASKED,
            key=f"reserve:{made.pk}",
            title="后备干部库：请您答复",
            outside_title="本人事项",
            lines=(line,),
            url=url,
            organisation=place,
        ),
        now=now,
    )
    audit.record("incentives.reserve_proposed", by=by, target=made)
    return made


def _locked(place: ReservePlace, to: ReserveState) -> ReservePlace:
    row = ReservePlace.objects.select_for_update(of=("self",)).get(pk=place.pk)
    if to not in RESERVE_MOVES[ReserveState(row.state)]:
        raise IncentiveRefused(f"现在是“{row.get_state_display()}”，不能做这一步，请刷新页面查看。")
    return row


@transaction.atomic
def answer_reserve(place: ReservePlace, *, agrees: bool, by: User, on: date) -> ReservePlace:
    """By the person alone, without a reason. Raises IncentiveRefused."""
    row = _locked(place, ReserveState.AGREED if agrees else ReserveState.REFUSED)
    if row.user_id != by.pk:
        raise IncentiveRefused("由本人答复。")
    row.state, row.answered_on = ReserveState.AGREED if agrees else ReserveState.REFUSED, on
    if not agrees:
        row.ended_on = on
    row.save()
    audit.record("incentives.reserve_answered", by=by, target=row, detail={"state": str(row.state)})
    return row


@transaction.atomic
def decide_reserve(place: ReservePlace, *, accept: bool, reason: str, by: User, on: date) -> ReservePlace:
    """By another than the person and than who proposed. Raises IncentiveRefused."""
    to = ReserveState.IN_POOL if accept else ReserveState.DECLINED
    row = _locked(place, to)
    if by.pk in (row.user_id, row.proposed_by_id):
        raise IncentiveRefused("本人和提出人请回避，由另一个人办理这一步。")
    if not accept and not reason.strip():
        raise IncentiveRefused("请写明原因，本人能看到。")
    row.state, row.decided_by = to, by
    if accept:
        row.since = on
    else:
        row.ended_on, row.ended_for = on, reason.strip()
    row.save()
    audit.record("incentives.reserve_decided", by=by, target=row, detail={"state": str(to)})
    return row


@transaction.atomic
def end_reserve(place: ReservePlace, *, reason: str, by: User, on: date) -> ReservePlace:
    """By the person at any time, or by whoever keeps the pool with a reason. Raises IncentiveRefused."""
    row = _locked(place, ReserveState.ENDED)
    if row.user_id != by.pk and not reason.strip():
        raise IncentiveRefused("请写明原因，本人能看到。")
    row.state, row.ended_on = ReserveState.ENDED, on
    row.ended_for = reason.strip() or "本人退出"
    row.save()
    audit.record("incentives.reserve_ended", by=by, target=row)
    return row


@transaction.atomic
def recommend(
    place: Organisation, *, user: User, purpose: str, criterion: str, evidence: str, by: User, on: date
) -> Recommendation:
    """Raises IncentiveRefused."""
    if user.pk == by.pk:
        raise IncentiveRefused("不能推荐自己。")
    if any(says_rank(text) for text in (purpose, criterion, evidence)):
        raise IncentiveRefused(RANKED)
    made = Recommendation.objects.create(
        user=user,
        organisation=place,
        purpose=purpose.strip(),
        criterion=criterion.strip(),
        evidence=evidence.strip(),
        made_by=by,
        made_on=on,
    )
    audit.record("incentives.recommended", by=by, target=made)
    return made


@transaction.atomic
def make_dossier(user: User, place: Organisation, *, by: User, on: date) -> Dossier:
    """Freeze the evidence file as of today; on a day when nothing changed, the same one is used again."""
    User.objects.select_for_update().get(pk=user.pk)
    snapshot = snapshot_of(user, place, on=on)
    digest = checksum(snapshot)
    held = Dossier.objects.filter(user=user, organisation=place, checksum=digest).first()
    if held is not None:
        return held
    made = Dossier.objects.create(
        user=user, organisation=place, snapshot=snapshot, checksum=digest, made_on=on, made_by=by
    )
    audit.record("incentives.dossier_made", by=by, target=made, detail={"checksum": digest})
    return made


def dossier_pdf(dossier: Dossier, *, by: User) -> bytes:
    """From the stored snapshot alone. Raises IncentiveRefused, ledgers.renderers.pdf.PdfFailedError."""
    if checksum(dossier.snapshot) != dossier.checksum:
        raise IncentiveRefused("档案内容和校验码不一致，请联系系统管理员核查。")
    html = render_to_string(
        TEMPLATE, {"file": dossier.snapshot, "checksum": dossier.checksum, "style": STYLE}
    )
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    audit.record("incentives.dossier_downloaded", by=by, target=dossier)
    return content
