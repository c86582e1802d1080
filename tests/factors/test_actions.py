"""Set up, prove, renew, end, reset: what is kept, and what is refused."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.timezone import localtime
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Refusal, Role
from branches.sealed import is_current, open_bytes
from factors import actions
from factors.models import Authenticator, RecoveryCode
from factors.notice_events import FACTOR_CHANGED, FACTOR_PAUSED, FACTOR_RESET
from factors.rules import PAUSE, new_secret, secret_for_typing
from factors.sealed_rows import PURPOSE
from notices.models import Line, Message
from notices.rules import Level
from tests.factories.accounts import make_account
from tests.factories.branches import make_holder, make_member, make_tree
from tests.factors.phone import code_of, make_phone

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)
NOW = timezone.now()
WRONG = "这个码不对或已经用过，请等验证器 App 换出新的 6 位动态码再输入。"


WRONG_PAPER = "备用码不对或已经用过，请核对纸上的字母和数字。"


def told(event: str) -> int:
    return Message.objects.filter(event=event, level=Level.URGENT).count()


def _events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("event", flat=True))


def test_setting_up_keeps_nothing_readable() -> None:
    phone = make_phone(at=NOW)
    token = bytes(phone.row.secret_sealed)
    assert (phone.secret in token, is_current(token)) == (False, True)
    assert open_bytes(token, purpose=PURPOSE) == phone.secret
    kept = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert (len(kept), {len(digest) for digest in kept}, kept & set(phone.paper)) == (10, {64}, set())
    assert phone.user.session_epoch == 1
    assert User.objects.get(pk=phone.user.pk).second_factor_since == NOW
    assert _events() == ["factors.set_up"]
    detail = AuditEvent.objects.get().detail
    assert detail == {"replaced": False}


def test_a_wrong_first_code_ties_nothing() -> None:
    user = make_account()
    with pytest.raises(actions.WrongFirstCode) as caught:
        actions.set_up(user, secret=new_secret(), typed="000000", at=NOW)
    assert str(caught.value).startswith("动态码不对。请核对手机的时间")
    assert (Authenticator.objects.count(), User.objects.get().second_factor_since) == (0, None)


def test_a_code_proves_once() -> None:
    phone = make_phone(at=NOW)
    later = NOW + timedelta(seconds=60)
    assert actions.prove(phone.user, typed=code_of(phone.secret, later), at=later) == actions.Proof()
    with pytest.raises(actions.WrongCode) as caught:
        actions.prove(phone.user, typed=code_of(phone.secret, later), at=later)
    assert str(caught.value) == WRONG


def test_the_code_of_the_set_up_proves_nothing_more() -> None:
    phone = make_phone(at=NOW)
    with pytest.raises(actions.WrongCode):
        actions.prove(phone.user, typed=code_of(phone.secret, NOW), at=NOW)


def test_a_recovery_code_proves_once_and_is_counted_down() -> None:
    phone = make_phone(at=NOW)
    typed = phone.paper[3].upper().replace("-", " ")
    assert actions.prove(phone.user, typed=typed, at=NOW) == actions.Proof(codes_left=9)
    with pytest.raises(actions.WrongRecoveryCode) as caught:
        actions.prove(phone.user, typed=phone.paper[3], at=NOW)
    assert str(caught.value) == WRONG_PAPER
    assert RecoveryCode.objects.count() == 9


def test_a_recovery_code_of_another_person_is_wrong() -> None:
    phone, other = make_phone(at=NOW), make_phone("worker04", at=NOW)
    with pytest.raises(actions.WrongRecoveryCode):
        actions.prove(phone.user, typed=other.paper[0], at=NOW)
    assert RecoveryCode.objects.count() == 20


def test_five_wrong_codes_pause_the_digits_and_the_pause_ends_by_itself() -> None:
    phone = make_phone(at=NOW)
    said = []
    for _ in range(5):
        with pytest.raises(Refusal) as caught:
            actions.prove(phone.user, typed="000000", at=NOW)
        said.append(str(caught.value).removeprefix(WRONG))
    assert said[:4] == ["", "", "再输错 2 次将暂停 15 分钟。", "再输错 1 次将暂停 15 分钟。"]
    assert said[4].startswith("输错次数较多，动态码暂停使用到 ")
    almost, after = NOW + PAUSE - timedelta(seconds=1), NOW + PAUSE
    with pytest.raises(actions.Paused):
        actions.prove(phone.user, typed=code_of(phone.secret, almost), at=almost)
    assert actions.prove(phone.user, typed=code_of(phone.secret, after), at=after) == actions.Proof()
    assert (phone.row.failures, phone.row.paused_until) == (0, None)


def test_tries_during_the_pause_do_not_prolong_it_and_recovery_codes_still_work() -> None:
    phone = make_phone(at=NOW)
    for seconds in range(12):
        with pytest.raises(Refusal):
            actions.prove(phone.user, typed="000000", at=NOW + timedelta(seconds=seconds))
        with pytest.raises(Refusal):
            actions.prove(phone.user, typed="nonsense", at=NOW + timedelta(seconds=seconds))
    assert phone.row.paused_until == NOW + timedelta(seconds=2) + PAUSE
    assert actions.prove(phone.user, typed=phone.paper[0], at=NOW).codes_left == 9
    assert phone.row.paused_until is None


@pytest.mark.parametrize("typed", ["kx7mp-acdef", "12345", "1234567", "x"])
def test_what_is_not_six_digits_is_said_to_be_no_recovery_code_also_during_a_pause(typed: str) -> None:
    phone, said = make_phone(at=NOW), []
    for _ in range(6):
        with pytest.raises(actions.WrongRecoveryCode) as caught:
            actions.prove(phone.user, typed=typed, at=NOW)
        said.append(str(caught.value).removeprefix(WRONG_PAPER))
    until = f"{localtime(NOW + PAUSE):%H:%M}"
    last = ["再输错 2 次将暂停 15 分钟。", "再输错 1 次将暂停 15 分钟。", f"动态码暂停使用到 {until}。", ""]
    assert said == ["", "", *last]
    with pytest.raises(actions.Paused):
        actions.prove(phone.user, typed="000000", at=NOW)


def test_every_pause_is_told_to_the_owner_once() -> None:
    phone = make_phone(at=NOW)
    for minutes, messages in ((0, 1), (16, 2)):
        for seconds, typed in enumerate(["000000", "nonsense"] * 6):
            at = NOW + timedelta(minutes=minutes, seconds=seconds)
            with pytest.raises(Refusal):
                actions.prove(phone.user, typed=typed, at=at)
        assert told(FACTOR_PAUSED) == messages
    first = Message.objects.filter(event=FACTOR_PAUSED).earliest("pk")
    until = f"{localtime(NOW + timedelta(seconds=4) + PAUSE):%H:%M}"
    assert (first.recipient, first.title, first.outside_title, first.lines.get().text) == (
        phone.user,
        "您的动态码连续输错",
        "账号的动态码连续输错",
        f"密码正确，但连续输错 5 次，动态码暂停使用到 {until}，备用码仍可用。"
        "不是您本人操作的，请马上修改密码，并告诉党总支工作人员。",
    )


def test_setting_up_replacing_and_turning_off_are_told_without_a_secret() -> None:
    phone, secret, later = make_phone(at=NOW), new_secret(), NOW + timedelta(minutes=1)
    paper = actions.set_up(phone.user, secret=secret, typed=code_of(secret, later), at=later)
    actions.turn_off(phone.user, at=later + timedelta(minutes=1))
    titles = Message.objects.order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["您设置了动态码验证", "您更换了验证器", "您关闭了动态码验证"]
    assert told(FACTOR_CHANGED) == 3
    text = "".join(text for row in Line.objects.values_list("text", "outside_text") for text in row)
    assert text.count("不是您本人操作的，请马上修改密码，并告诉党总支工作人员。") == 3
    secrets = [*phone.paper, *paper, secret_for_typing(secret), code_of(secret, later)]
    assert [word for word in secrets if word in text] == []


def test_a_refused_set_up_tells_nobody() -> None:
    user = make_account()
    with pytest.raises(actions.WrongFirstCode):
        actions.set_up(user, secret=new_secret(), typed="000000", at=NOW)
    assert Message.objects.count() == 0


def test_a_phone_that_runs_away_slowly_is_followed() -> None:
    phone = make_phone(at=NOW)
    for day in range(1, 6):
        at = NOW + timedelta(days=day)
        actions.prove(phone.user, typed=code_of(phone.secret, at, steps=day), at=at)
    assert phone.row.drift == 5


def test_replacing_leaves_the_old_phone_and_paper_worthless() -> None:
    phone, secret = make_phone(at=NOW), new_secret()
    paper = actions.set_up(phone.user, secret=secret, typed=code_of(secret, NOW), at=NOW)
    later = NOW + timedelta(minutes=2)
    for typed in (code_of(phone.secret, later), phone.paper[0]):
        with pytest.raises(actions.WrongCode):
            actions.prove(phone.user, typed=typed, at=later)
    assert actions.prove(phone.user, typed=code_of(secret, later), at=later) == actions.Proof(
        codes_unseen=True
    )
    assert actions.prove(phone.user, typed=paper[0], at=later).codes_left == 9
    assert AuditEvent.objects.order_by("-pk")[0].detail == {"replaced": True}


def test_new_codes_replace_those_on_paper() -> None:
    phone = make_phone(at=NOW)
    paper = actions.renew_codes(phone.user)
    with pytest.raises(actions.WrongCode):
        actions.prove(phone.user, typed=phone.paper[0], at=NOW)
    assert actions.prove(phone.user, typed=paper[0], at=NOW).codes_left == 9


def test_new_codes_are_unseen_until_they_are_confirmed_or_one_is_used() -> None:
    phone, unseen = make_phone(at=NOW), []
    actions.renew_codes(phone.user)
    unseen.append(phone.row.codes_unseen)
    actions.confirm_codes(phone.user)
    unseen.append(phone.row.codes_unseen)
    paper = actions.renew_codes(phone.user)
    assert actions.prove(phone.user, typed=paper[0], at=NOW) == actions.Proof(codes_left=9)
    assert [*unseen, phone.row.codes_unseen] == [True, False, False]


def test_turning_off_leaves_nothing() -> None:
    phone = make_phone(at=NOW)
    actions.turn_off(phone.user, at=NOW)
    assert (Authenticator.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert User.objects.get().second_factor_since is None
    with pytest.raises(actions.NothingSetUp):
        actions.turn_off(phone.user, at=NOW)
    assert _events() == ["factors.set_up", "factors.turned_off"]


def test_staff_reset_a_lost_phone_and_the_person_is_told() -> None:
    _, general, branches = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    phone = make_phone(at=NOW)
    make_member(branches[0], user=phone.user)
    actions.reset(phone.user, by=staff, reason="手机丢失", on=ON, at=NOW)
    assert (Authenticator.objects.count(), phone.user.session_epoch) == (0, 2)
    event = AuditEvent.objects.get(event="factors.reset")
    assert (event.by, event.target_id, event.detail) == (staff, str(phone.user.pk), {"reason": "手机丢失"})
    message = Message.objects.get(event=FACTOR_RESET)
    assert (message.recipient, message.title) == (phone.user, "您的动态码验证已被重置")
    text = message.lines.get().text
    assert (
        text == f"{staff.name}重置了您的动态码验证，事由：手机丢失。不是您要求的，请马上告诉党总支工作人员。"
    )
    with pytest.raises(actions.NothingSetUp):
        actions.reset(phone.user, by=staff, reason="再来一次", on=ON, at=NOW)


def test_nobody_resets_the_own_factor_or_one_beyond_reach() -> None:
    _, general, _ = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    stranger = make_phone(at=NOW)
    with pytest.raises(actions.OwnFactor):
        actions.reset(staff, by=staff, reason="换手机", on=ON, at=NOW)
    with pytest.raises(actions.NotYours):
        actions.reset(stranger.user, by=staff, reason="换手机", on=ON, at=NOW)
    assert stranger.row.pk
    assert _events() == ["factors.set_up"]


def test_the_command_resets_what_nobody_else_may() -> None:
    phone = make_phone("root", at=NOW, is_superuser=True, exclusive_duty="administrator")
    call_command("reset_second_factor", "ROOT", reason="手机丢失")
    assert (Authenticator.objects.count(), told(FACTOR_RESET)) == (0, 1)
    assert AuditEvent.objects.get(event="factors.reset").by is None
    for name, reason in (("nobody", "x"), ("root", " "), ("root", "手机丢失")):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", name, reason=reason)
    assert phone.user.pk


def test_the_rotation_of_keys_takes_the_secret_along(settings: Settings) -> None:
    phone = make_phone(at=NOW)
    old = bytes(phone.row.secret_sealed)
    keys = list(settings.PERSONAL_DATA_KEYS)
    settings.PERSONAL_DATA_KEYS = ["n" * 40, *keys]
    call_command("rotate_personal_data")
    settings.PERSONAL_DATA_KEYS = ["n" * 40]
    assert bytes(phone.row.secret_sealed) != old
    later = NOW + timedelta(minutes=1)
    assert actions.prove(phone.user, typed=code_of(phone.secret, later), at=later) == actions.Proof()
    assert actions.prove(phone.user, typed=phone.paper[0], at=later).codes_left == 9
