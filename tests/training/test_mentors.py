"""Offering, asking and closing; pairs made, prolonged and ended; what a pair changed; and who learns what."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import serializers

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Role
from errorbank.models import PracticeCard, Recheck
from errorbank.rules import ErrorCategory, RecheckMode, RecheckState
from incentives.rules.contributions import EntryKind
from incentives.sources import SOURCES
from notices.models import Line, Message
from tests.factories.branches import make_holder, make_member
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.mentor_scene import colleague, offered, paired
from tests.training.session_scene import planned
from training.actions.mentors import (
    ENDED,
    MentorRefused,
    ask_help,
    close_help,
    end_pair,
    forget_helps,
    note_talk,
    offer_topics,
    prolong_pair,
)
from training.actions.sessions import hold_session
from training.models import Duty, HelpRequest, MentorTopic, Pair
from training.queries.mentors import helpers_by_topic, measure_of, topics_asked_for
from training.queries.skills import pupil_map, skill_map
from training.rules.duties import DutyKind
from training.rules.mentors import categories_of, spans_of, topic_names
from training.rules.skills import Seen, SkillState

DAY = timedelta(days=1)


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def duty(pair: Pair) -> tuple[int, date, date, date | None]:
    row = Duty.objects.get(kind=DutyKind.PAIR, subject=pair.pk)
    return row.organisation_id, row.asked_on, row.due_on, row.done_on


def test_what_is_offered_replaces_what_was(scene: Scene) -> None:
    helper = colleague(scene)
    for topics in (["meetings", "dues"], ["dues", "pressure"], ["dues", "pressure"]):
        offer_topics(helper, topics=topics, most=len(topics))
    rows = MentorTopic.objects.order_by("topic").values_list("topic", "most")
    assert list(rows) == [("dues", 2), ("pressure", 2)]
    assert offer_topics(helper, topics=[], most=1) == MentorTopic.objects.count() == 0


def test_asking_once_twice_oneself_and_when_full(scene: Scene) -> None:
    helper, third = colleague(scene), make_holder(scene.second, Role.WORKER)
    offer = offered(helper, most=1)
    request = ask_help(offer, by=scene.worker, on=ON)
    for who, words in ((scene.worker, "不用再请"), (third, "满了"), (helper, "另选一位")):
        with pytest.raises(MentorRefused, match=words):
            ask_help(offer, by=who, on=ON)
    assert HelpRequest.objects.get() == request
    with pytest.raises(MentorRefused, match="已经收起"):
        close_help(request, by=third, on=ON)
    assert close_help(request, by=helper, on=ON).closed_on == ON
    with pytest.raises(MentorRefused, match="已经收起"):
        close_help(request, by=scene.worker, on=ON)
    assert ask_help(offer, by=third, on=ON).asker == third


def test_a_running_pair_fills_a_place_too(scene: Scene) -> None:
    helper = colleague(scene)
    offer, _ = offered(helper, most=1), paired(scene, helper)
    assert [h.is_full for h in helpers_by_topic(scene.worker, on=ON)["meetings"]] == [True]
    with pytest.raises(MentorRefused, match="满了"):
        ask_help(offer, by=make_holder(scene.second, Role.WORKER), on=ON)


def test_a_full_helper_is_given_no_pair(scene: Scene) -> None:
    helper = colleague(scene)
    offer = offered(helper, most=1)
    ask_help(offer, by=make_holder(scene.second, Role.WORKER), on=ON)
    with pytest.raises(MentorRefused, match="已经满了"):
        paired(scene, helper)
    assert paired(scene, helper, goals=["pressure"]).goals == ["pressure"]


def test_helpers_are_colleagues_only(scene: Scene) -> None:
    helper = colleague(scene)
    offered(helper)
    offered(scene.foreign_staff)
    for reader in (scene.worker, scene.staff):
        found = helpers_by_topic(reader, on=ON)["meetings"]
        assert [(row.user, row.place) for row in found] == [(helper.pk, scene.second.name)]
    assert [row.user for row in helpers_by_topic(scene.foreign_staff, on=ON)["meetings"]] == [
        scene.foreign_staff.pk
    ]


def test_who_asked_stands_nowhere_but_in_the_request(scene: Scene) -> None:
    before = AuditEvent.objects.count()
    User.objects.filter(pk=scene.worker.pk).update(name="悄悄问的人")
    scene.worker.refresh_from_db()
    helper = colleague(scene)
    request = ask_help(offered(helper, "pressure"), by=scene.worker, on=ON)
    close_help(request, by=scene.worker, on=ON)
    assert AuditEvent.objects.count() == before
    (message,) = Message.objects.all()
    assert (message.recipient, message.organisation) == (helper, None)
    told = serializers.serialize("json", [message, *Line.objects.all()])
    assert ("悄悄问的人" in told, scene.worker.username in told) == (False, False)
    assert scene.worker.pk not in [row["fields"].get("user") for row in json.loads(told)]
    assert "悄悄" not in f"{request} {request!r}"


def test_staff_read_a_topic_from_three_people_on(scene: Scene) -> None:
    offer = offered(colleague(scene), most=9)
    askers = [scene.worker, *(make_holder(scene.first, Role.WORKER) for _ in range(2))]
    first = ask_help(offer, by=askers[0], on=ON)
    close_help(first, by=askers[0], on=ON)
    for asker in (askers[0], askers[1]):
        ask_help(offer, by=asker, on=ON)
    assert topics_asked_for(scene.staff, on=ON) == []
    ask_help(offer, by=askers[2], on=ON)
    assert topics_asked_for(scene.staff, on=ON) == ["三会一课"]
    assert topics_asked_for(scene.foreign_staff, on=ON) == topics_asked_for(scene.worker, on=ON) == []
    assert topics_asked_for(scene.staff, on=ON + 365 * DAY) == []
    assert forget_helps(on=ON + 364 * DAY) == 0
    assert (forget_helps(on=ON + 365 * DAY), forget_helps(on=ON + 365 * DAY)) == (1, 0)


def test_a_pair_is_made_once_told_to_both_and_asks_for_a_decision(scene: Scene) -> None:
    mentor = colleague(scene)
    pair = paired(scene, mentor)
    assert duty(pair) == (scene.general.pk, pair.until - 14 * DAY, pair.until, None)
    assert {message.recipient for message in Message.objects.all()} == {mentor, scene.worker}
    with pytest.raises(MentorRefused, match="没有重复安排"):
        paired(scene, mentor)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"goals": []}, "至少选择"),
        ({"until": ON}, "晚于今天"),
        ({"since": ON + 31 * DAY}, "开始日期"),
        ({"until": ON + 800 * DAY}, "两年"),
        ({"pupil": None}, "同一位"),
    ],
)
def test_pairs_that_cannot_be(scene: Scene, fields: dict[str, Any], words: str) -> None:
    mentor = colleague(scene)
    given = {**fields, "pupil": mentor} if "pupil" in fields else fields
    with pytest.raises(MentorRefused, match=words):
        paired(scene, mentor, **given)
    assert not Pair.objects.exists()


def test_going_on_moves_the_duty_and_ending_settles_it(scene: Scene) -> None:
    pair = paired(scene, colleague(scene))
    later = pair.until + 90 * DAY
    prolong_pair(pair, until=later, by=scene.staff, on=ON)
    assert duty(pair)[1:] == (later - 14 * DAY, later, None)
    for until, words in ((later, "晚于原来"), (ON + 1000 * DAY, "最长两年")):
        with pytest.raises(MentorRefused, match=words):
            prolong_pair(pair, until=until, by=scene.staff, on=ON)
    assert end_pair(pair, by=scene.staff, on=ON).ended_on == ON
    assert duty(pair)[3] == ON
    with pytest.raises(MentorRefused, match=ENDED):
        end_pair(pair, by=scene.staff, on=ON)
    with pytest.raises(MentorRefused, match=ENDED):
        prolong_pair(pair, until=later + DAY, by=scene.staff, on=ON)
    with pytest.raises(MentorRefused, match=ENDED):
        note_talk(pair, held_on=ON, by=scene.worker, on=ON)


def test_days_of_talks_are_noted_by_the_two_once(scene: Scene) -> None:
    mentor = colleague(scene)
    pair = paired(scene, mentor)
    note_talk(pair, held_on=ON, by=mentor, on=ON)
    cases = (
        (scene.worker, ON, "已经记过"),
        (scene.worker, ON + DAY, "已经过去"),
        (scene.worker, pair.since - DAY, "结对期间"),
        (scene.staff, ON, "两个人自己记"),
    )
    for who, day, words in cases:
        with pytest.raises(MentorRefused, match=words):
            note_talk(pair, held_on=day, by=who, on=ON)
    assert list(pair.talks.values_list("held_on", flat=True)) == [ON]


def test_the_measure_counts_what_the_pupil_answered_for_in_as_many_days(scene: Scene) -> None:
    post = scene.worker.posts.get()
    pair = paired(scene, colleague(scene))
    dues = make_entry(category=ErrorCategory.DUES)
    cases: tuple[tuple[date, dict[str, Any]], ...] = (
        (pair.since - DAY, {}),
        (pair.since - 10 * DAY, {}),
        (pair.since - 11 * DAY, {}),
        (pair.since, {}),
        (pair.since - DAY, {"entry": dues}),
        (pair.since - DAY, {"responsible": False}),
    )
    for day, fields in cases:
        finding = make_finding(scene.first, on=day, entry=fields.get("entry"))
        finding.responsible_post = post if fields.get("responsible", True) else None
        finding.save(update_fields=["responsible_post"])
    found = measure_of(pair, on=ON)
    assert found is not None
    assert (found.spans.days, found.before, found.since) == (10, 2, 1)
    assert measure_of(pair, on=pair.since - DAY) is None


def test_an_ended_pair_that_talked_is_a_contribution_of_the_mentor(scene: Scene) -> None:
    mentor, silent = colleague(scene), make_holder(scene.second, Role.WORKER)
    pair, other = paired(scene, mentor), paired(scene, silent)
    for day in (ON, ON - DAY):
        note_talk(pair, held_on=day, by=mentor, on=ON)
    read = SOURCES["mentor"]
    assert list(read(ON)) == []
    for one in (pair, other):
        end_pair(one, by=scene.staff, on=ON)
    (fact,) = read(ON)
    assert (fact.key, fact.user, fact.organisation, fact.kind, fact.words) == (
        f"mentor:{pair.pk}",
        mentor.pk,
        scene.general.pk,
        EntryKind.MENTORING,
        "结对帮带：三会一课",
    )
    assert list(read(ON + DAY)) == []


def test_a_map_is_read_from_what_happened(scene: Scene) -> None:
    member = make_member(scene.first, user=scene.worker)
    session = planned(scene, categories=["recruitment"])
    hold_session(session, present=[member.pk], by=scene.staff, on=ON)
    finding = make_finding(scene.first)
    finding.responsible_post = scene.worker.posts.get()
    finding.save(update_fields=["responsible_post"])
    Recheck.objects.create(
        finding=finding, stage=1, due_on=ON, mode=RecheckMode.VERIFIER, state=RecheckState.PASSED, done_on=ON
    )
    for _ in range(3):
        entry = make_entry(category=ErrorCategory.DUES)
        PracticeCard.objects.create(user=scene.worker, entry=entry, seen_on=ON, due_on=ON + DAY)
    planned(scene, title="组织设置", held_on=ON + DAY, categories=["organization_setup"])
    offered(helper := colleague(scene), "organization_setup")
    own = {skill.category: skill for skill in skill_map(scene.worker, on=ON).skills}
    states = {category: skill.state for category, skill in own.items() if not skill.is_gap}
    assert states == {
        ErrorCategory.MEETINGS: SkillState.PROVEN,
        ErrorCategory.RECRUITMENT: SkillState.LEARNT,
        ErrorCategory.DUES: SkillState.LEARNT,
    }
    gap = own[ErrorCategory.ORGANIZATION_SETUP]
    assert ([s.title for s in gap.sessions], [h.user for h in gap.helpers]) == (["组织设置"], [helper.pk])
    seen = {skill.category: skill.seen for skill in pupil_map(scene.worker, on=ON).skills}
    assert (seen[ErrorCategory.DUES], seen[ErrorCategory.MEETINGS]) == (Seen(), Seen(rechecks=1))
    old = pupil_map(scene.worker, on=ON + 800 * DAY)
    assert len(old.gaps) == len(ErrorCategory)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (Seen(), SkillState.GAP),
        (Seen(practised=2), SkillState.GAP),
        (Seen(practised=3), SkillState.LEARNT),
        (Seen(drills=1), SkillState.LEARNT),
        (Seen(sessions=1), SkillState.LEARNT),
        (Seen(rechecks=1), SkillState.PROVEN),
    ],
)
def test_what_a_map_says(seen: Seen, state: SkillState) -> None:
    assert seen.state == state


def test_words_and_days() -> None:
    assert topic_names(["dues", "pressure", "unknown"]) == "党费、压力疏导"
    assert categories_of(["dues", "pressure"]) == ["dues"]
    assert categories_of(["pressure"]) == list(ErrorCategory.values)
    assert spans_of(ON, ON - DAY) is None
    spans = spans_of(ON, ON + DAY)
    assert spans is not None
    assert (spans.before, spans.since, spans.days) == ((ON - 2 * DAY, ON - DAY), (ON, ON + DAY), 2)
