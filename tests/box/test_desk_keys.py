"""The key ceremony: own passphrase, typed twice, weak ones refused, never found again."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from branches.rules import Role
from burden.actions import box_recipients
from burden.actions.box_recipients import KeyRefused, make_key
from burden.box.desk import unlock
from burden.box.limits import RECIPIENT_PLACES, Level
from burden.models import BoxRecipient
from burden.queries.box_recipients import fingerprint
from burden.rules.box_passphrase import LEAST_LENGTH, strength, weakness
from tests.box.desk import DeskScene, make_recipient, make_scene, signed_in
from tests.box.recipients import CHEAP
from tests.factories.branches import make_holder, make_tree

KEY, SHEET = reverse("burden:box_key"), reverse("burden:box_key_sheet")
GOOD = "河边老槐树下三月还下雪"
ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("passphrase", "why"),
    [
        ("短口令十一个字不够长", f"口令至少 {LEAST_LENGTH} 个字符，现在是 10 个。可以用一句只有您知道的话。"),
        ("哈哈哈哈哈哈哈哈哈哈哈哈", "重复的字符太多，容易被猜到，请换一句话。"),
        ("河边老树password三月", "口令里有常见的词或连续的字母、数字，容易被猜到，请换一句话。"),
        ("河边老槐树下45678三月", "口令里有常见的词或连续的字母、数字，容易被猜到，请换一句话。"),
        ("河边老槐树下王建国三月雪", "口令里有姓名、登录名或单位名称，容易被猜到，请换一句话。"),
        ("1972-0412-8830-55", "口令只有数字和符号，容易被试出来，请加上文字或字母。"),
        ("河边老槐树下三月还下大雪", ""),
        ("seven quiet rivers", ""),
    ],
)
def test_a_weak_passphrase_is_told_why(passphrase: str, why: str) -> None:
    assert weakness(passphrase, known={"王建国", "wang"}) == why


def test_strength_is_said_in_words() -> None:
    assert [strength(words) for words in ("twelve.chars", "sixteen.chars.ok", "河边老槐树下三月还下雪")] == [
        "够用",
        "较强",
        "很强",
    ]


def words(n: int) -> str:
    return f"{GOOD}了第{n}回"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_recipients, "COST", CHEAP)


def test_the_first_receives_at_once_every_later_one_waits(db: None, cheap: None) -> None:
    _, general, _ = make_tree()
    one, two = make_holder(general, Role.RECIPIENT), make_holder(general, Role.RECIPIENT)
    first, second = make_key(one, words(1), on=ON), make_key(two, words(2), on=ON)
    assert (first.is_active, second.is_active) == (True, False)
    assert bytes(unlock(first, words(1)).public_key) == bytes(first.public_key)
    assert list(AuditEvent.objects.filter(event="burden.box_key_made").values_list("by", flat=True)) == [
        one.pk,
        two.pk,
    ]


def test_a_new_key_ends_the_old_one_and_waits_for_the_others(db: None, cheap: None, scene: DeskScene) -> None:
    old = BoxRecipient.objects.get(user=scene.one)
    new = make_key(scene.one, words(1), on=ON)
    assert (new.is_active, BoxRecipient.objects.filter(name=old.name).exists()) == (False, False)


@pytest.fixture
def scene(db: None, folder: object, tmp_path: object) -> DeskScene:
    return make_scene(tmp_path)  # type: ignore[arg-type]  # a Path


def test_who_holds_no_such_post_makes_no_key(db: None, cheap: None) -> None:
    _, general, branches = make_tree()
    for user in (make_holder(general, Role.GENERAL_BRANCH_STAFF), make_holder(branches[0])):
        with pytest.raises(KeyRefused):
            make_key(user, words(1), on=ON)
    assert BoxRecipient.objects.count() == 0


def test_there_are_no_more_keys_than_places(scene: DeskScene, cheap: None) -> None:
    for _ in range(RECIPIENT_PLACES - 2):
        make_recipient(make_holder(scene.general, Role.RECIPIENT), Level.OWN)
    with pytest.raises(KeyRefused, match="最多 6 位"):
        make_key(make_holder(scene.general, Role.RECIPIENT), words(1), on=ON)


def test_the_ceremony_on_the_page(db: None, cheap: None) -> None:
    _, general, _ = make_tree()
    user = make_holder(general, Role.RECIPIENT)
    client = signed_in(user)
    page = client.get(KEY).content.decode()
    assert "口令找不回来。</b>系统里不存口令，管理员也没有备用的。" in page
    differing = client.post(KEY, {"passphrase": words(1), "again": words(2), "sure": "on"})
    assert (differing.status_code, "两遍不一样" in differing.content.decode()) == (422, True)
    assert words(1) not in differing.content.decode()
    unsure = client.post(KEY, {"passphrase": words(1), "again": words(1)})
    assert (unsure.status_code, "请勾选，表示您知道口令找不回来。" in unsure.content.decode()) == (422, True)
    weak = client.post(KEY, {"passphrase": "短", "again": "短", "sure": "on"})
    assert (weak.status_code, "口令至少 12 个字符" in weak.content.decode()) == (422, True)
    assert BoxRecipient.objects.count() == 0
    done = client.post(KEY, {"passphrase": words(1), "again": words(1), "sure": "on"}, follow=True)
    text = done.content.decode()
    mine = BoxRecipient.objects.get(user=user)
    assert "钥匙已生成，口令强度：很强。" in text
    assert [word in text for word in (fingerprint(mine.public_key), words(1))] == [True, False]
    sheet = client.get(SHEET).content.decode()
    assert [word in sheet for word in (fingerprint(mine.public_key), words(1))] == [True, False]
    assert sheet.count("不写在纸上") == 1


def test_the_login_password_is_no_passphrase(db: None, cheap: None, scene: DeskScene) -> None:
    scene.one.set_password(words(1))
    scene.one.save()
    with pytest.raises(KeyRefused, match="和您的登录密码一样"):
        make_key(scene.one, words(1), on=ON)
    assert make_key(scene.one, words(2), on=ON).level == Level.OWN
