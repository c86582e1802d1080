"""A card of the scene's general branch, written by its staff."""

from accounts.models import User
from branches.models import Organisation
from errorbank.models import ErrorEntry
from tests.reminders.scene import ON, Scene
from training.actions.cards import CardData, make_card, publish_card
from training.models import Card
from training.rules.cards import parse_steps

TEXT = """应到 12 人，实到 7 人，可以开始吗？
+ 可以，超过半数 | 对，半数以上到会。
- 不可以 | 过半数就可以。

5 人赞成，通过了吗？
- 通过了 | 分母是应到会的人数。
+ 没有通过 | 对，要超过 6 人。
"""


def said(title: str = "表决", text: str = TEXT) -> CardData:
    return CardData("meetings", title, parse_steps(text), "先算人数，再投票。")


def drafted(place: Organisation, by: User, title: str = "表决", *, entry: ErrorEntry | None = None) -> Card:
    return make_card(place, data=said(title), by=by, entry=entry)


def published(scene: Scene, title: str = "表决", *, entry: ErrorEntry | None = None) -> Card:
    card = drafted(scene.general, scene.staff, title, entry=entry)
    return publish_card(card, by=scene.staff, on=ON)


def foreign(scene: Scene) -> Card:
    card = drafted(scene.foreign_general, scene.foreign_staff, "外单位的")
    return publish_card(card, by=scene.foreign_staff, on=ON)
