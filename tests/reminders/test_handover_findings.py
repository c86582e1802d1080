"""Problems and rechecks in the pack of a handover: told of once, and the newcomer's after the signatures."""

from datetime import timedelta

import pytest

from errorbank.actions.findings import submit_finding
from errorbank.models import Finding, Recheck
from reminders.actions.handover import repack
from reminders.handover_rules import LineState, Part
from tests.factories.branches import make_organisation
from tests.factories.errorbank import make_closed, make_finding
from tests.reminders.handovers import ON, make_scene, mine, opened, signed

pytestmark = pytest.mark.django_db


def test_a_problem_is_one_line_however_many_places_know_of_it() -> None:
    scene = make_scene()
    finding = make_finding(scene.branch, on=ON, problem="没有记录实到人数", measure="补记")
    make_finding(make_organisation(), on=ON)
    mine(scene, name="问题整改与复查", subject=f"finding:{finding.pk}", period="event")
    handover = opened()
    (line,) = handover.lines.filter(part=Part.FINDINGS)
    assert (line.title, line.detail, line.url) == (
        "没有记录实到人数",
        "待整改；补记",
        f"/w/errors/findings/{finding.pk}/",
    )
    assert (line.due_on, handover.lines.filter(part=Part.OPEN_ITEMS).count()) == (finding.deadline_on, 0)


def test_the_leavers_rechecks_are_in_it_and_go_when_they_are_made() -> None:
    scene = make_scene()
    closed = make_closed(make_organisation(name="别的支部"), fixer=scene.staff, closer=scene.leaver, on=ON)
    recheck = Recheck.objects.get(finding=closed)
    Recheck.objects.filter(pk=recheck.pk).update(verifier=scene.leaver)
    handover = opened()
    (line,) = handover.lines.filter(part=Part.FINDINGS)
    assert line.title == f"复查：别的支部，{closed.problem}"
    Recheck.objects.filter(pk=recheck.pk).update(state="passed", done_on=ON)
    repack(handover, on=ON)
    assert handover.lines.get(part=Part.FINDINGS).state == LineState.SETTLED


def test_after_the_signatures_the_newcomer_answers_for_it() -> None:
    scene = make_scene(newcomer_since=ON)
    post = scene.leaver_post
    held = make_finding(scene.branch, on=ON - timedelta(days=2), responsible=post)
    over = make_closed(scene.branch, fixer=scene.leaver, closer=scene.staff, on=ON, responsible=post)
    submit_finding(held, text="已补办", by=scene.leaver, on=ON)
    signed(scene)
    names = (
        Finding.objects.filter(pk__in=[held.pk, over.pk])
        .order_by("pk")
        .values_list("responsible_name", flat=True)
    )
    assert list(names) == [scene.newcomer.name, scene.leaver.name]
