"""Where the other pages lead to the forms, and the template of the demo."""

from branches.demo import DemoTree
from branches.rules import Role
from papers import demo
from papers.models import PaperTemplate
from papers.source import find_source
from records.rules import RecordKind
from reminders.handover_rules import HandoverState
from reminders.models import Handover
from tests.factories.branches import make_holder
from tests.factories.records import make_held
from tests.papers.conftest import HELD, Desk
from tests.papers.test_views import page, signed_in
from tests.reminders.scene import ON, Scene, central_action, done, make_item

LINK = "套用公文模板"


def test_an_item_with_a_meeting_leads_to_the_forms(desk: Desk) -> None:
    action = central_action()
    item = make_item(desk.scene.first, action, record=desk.meeting, **done(HELD))
    talk = make_held(desk.scene.first, on=HELD, kind=RecordKind.TALK_COVERAGE)
    other = make_item(desk.scene.first, action, period="2026-10", record=talk, **done(HELD))
    client = signed_in(desk.scene.worker)
    assert f'/w/papers/meeting/fill/?object={desk.meeting.pk}"' in page(
        client, f"/w/reminders/items/{item.pk}/"
    )
    assert LINK not in page(client, f"/w/reminders/items/{other.pk}/")


def test_a_handover_leads_to_the_forms_until_it_is_cancelled(scene: Scene, handover: Handover) -> None:
    url, client = f"/w/reminders/handovers/{handover.pk}/", signed_in(scene.staff)
    assert f'/w/papers/handover/fill/?object={handover.pk}"' in page(client, url)
    Handover.objects.update(state=HandoverState.CANCELLED, reason="误开")
    assert LINK not in page(client, url)


def test_the_forms_stand_beside_the_ledgers(scene: Scene) -> None:
    shown = page(signed_in(scene.worker), "/w/papers/")
    assert '<a href="/w/papers/" class="active" aria-current="page">公文模板</a>' in shown
    assert '<a href="/w/ledgers/" class="active" aria-current="page">台账</a>' in shown
    assert '<a href="/w/papers/">公文模板</a>' in page(signed_in(scene.worker), "/w/ledgers/")


def test_the_demo_has_a_template_that_can_be_filled(desk: Desk) -> None:
    scene = desk.scene
    tree = DemoTree(ON, scene.staff, scene.committee, scene.general, scene.staff)
    demo.load(tree)
    made = PaperTemplate.objects.get(title="会议记录表（统一格式）")
    assert tuple(made.names) == find_source("meeting").names
    assert made.title in page(signed_in(make_holder(scene.second, Role.SECRETARY)), "/w/papers/")
