"""Cards of the demo: what ships, one of the general branch, a draft from an entry, and some who practised."""

from datetime import timedelta

from accounts.models import User
from branches.demo import DemoTree
from errorbank.models import ErrorEntry
from training.actions.cards import CardData, answer_step, card_from_entry, make_card, publish_card
from training.actions.cards_load import load_cards
from training.models import Card
from training.rules.cards import parse_steps

OWN, DRAFTED = "EB070", "EB044"
STEPS = """老何下周调走，党务工作交给小孟。两人都在外面收烟，怎么交接？
- 电话里说一说，以后有事再问 | 电话里想不全，在办的事最容易漏。
+ 约半个小时，对着“交接”里的清单逐条过 | 对。在办的、两个月内要办的都在清单上。

清单上有一名预备党员下月期满。怎么交？
+ 单独说清：哪天期满、申请写了没有、下一步谁办 | 对。发展党员的日子不能断。
- 小孟到时候自己会看到 | 会看到，但可能只剩几天了。
"""
DEBRIEF = "交接不看材料多少，看三样：没办完的、两个月内要办的、发展党员走到哪一步。三方确认，一次办好。"
# Who practised: branch, card, days before the as-of day, and whether every step was right at once.
PRACTISED = (
    ("BR01", "vote-on-admission", 40, True),
    ("BR01", "minutes-missing", 25, True),
    ("BR01", "dues-base", 6, False),
    ("BR02", "minutes-votes", 30, True),
    ("BR03", "theme-day", 12, True),
    ("BR05", "probation-end", 9, True),
)


def load(tree: DemoTree) -> None:
    load_cards(on=tree.as_of - timedelta(days=120))
    entries = {entry.code: entry for entry in ErrorEntry.objects.filter(code__in=(OWN, DRAFTED))}
    data = CardData("member_management", "半个小时的交接", parse_steps(STEPS), DEBRIEF)
    own = make_card(tree.general, data=data, by=tree.staff, entry=entries[OWN])
    publish_card(own, by=tree.staff, on=tree.as_of - timedelta(days=50))
    card_from_entry(tree.general, entries[DRAFTED], by=tree.staff)
    cards = {card.slug: card for card in Card.objects.exclude(slug="").select_related("published")}
    for branch, slug, days, right in PRACTISED:
        _practise(cards[slug], tree.workers[branch], right=right, days=days, tree=tree)


def _practise(card: Card, user: User, *, right: bool, days: int, tree: DemoTree) -> None:
    steps = card.published.read_steps if card.published else ()
    for number, step in enumerate(steps, 1):
        choice = step.right if right or number > 1 else (step.right + 1) % len(step.choices)
        answer_step(card, number, choice, by=user, on=tree.as_of - timedelta(days=days))
