"""A call for honours in the scene of two general branches, and a case at each step of its way."""

from datetime import date, timedelta

from accounts.models import User
from branches.models import Post
from branches.rules import Role
from incentives.actions.honours import CallData, check_case, enter_vote, open_call, propose
from incentives.models import HonourCall, HonourCase, PublicNotice
from incentives.queries.public_notices import notices_of
from incentives.rules.public_notices import NoticeSubject
from records.rules import VoteCount
from tests.factories.branches import make_holder
from tests.reminders.scene import ON, Scene

# Five workdays after 18 November 2026, a Wednesday.
LAST = date(2026, 11, 25)
AFTER = LAST + timedelta(days=1)
PASSES = VoteCount("表彰", eligible=9, present=8, yes=7, no=0, abstain=1)


def called(scene: Scene, honour: str = "member_model_post", period: str = "2026 年下半年") -> HonourCall:
    data = CallData(honour, period, ON - timedelta(days=5), ON + timedelta(days=20))
    return open_call(scene.general, data=data, by=scene.staff)


def secretary(scene: Scene) -> User:
    """Of the first branch; the same person when asked again."""
    held = Post.objects.filter(organisation=scene.first, role=Role.SECRETARY).select_related("user").first()
    return held.user if held and held.user else make_holder(scene.first, Role.SECRETARY)


def proposed(scene: Scene, *, by: User | None = None, call: HonourCall | None = None) -> HonourCase:
    """The worker of the first branch, by its secretary unless said otherwise."""
    return propose(
        call or called(scene),
        nominee=scene.worker,
        place=scene.first,
        reason="三张表并成一张",
        by=by or secretary(scene),
        on=ON,
    )


def posted(scene: Scene, case: HonourCase | None = None, *, on: date = ON) -> tuple[HonourCase, PublicNotice]:
    """Checked and voted for by staff, so that the notice runs from that day."""
    case = case or proposed(scene)
    check_case(case, by=scene.staff, on=on)
    case = enter_vote(case, vote=PASSES, held_on=on, by=scene.staff, on=on)
    return case, notices_of(NoticeSubject.HONOUR, case.pk).get()
