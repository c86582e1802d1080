"""Outputs: agreed by every author, reviewed by another, versions, use by branches, pick, contributions."""

from datetime import timedelta
from typing import Any

import pytest

from incentives.sources import used_outputs
from notices.models import Message
from periods.months import Month
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.output_scene import drafted, foreign, published, said, second_worker
from training.actions.outputs import (
    OutputRefused,
    add_output,
    answer_credit,
    change_output,
    drop_use,
    pick_output,
    review_output,
    submit_output,
    use_output,
)
from training.models import Duty, Output, OutputAuthor, OutputPick, OutputUse
from training.queries.outputs import Asked, brief_facts, chapters_of, library_of
from training.rules.outputs import OutputState, after_credit


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


@pytest.mark.parametrize(
    ("authors", "agreed", "state"),
    [([1], [1], OutputState.REVIEW), ([1, 2], [2], OutputState.CREDIT), ([], [], OutputState.REVIEW)],
)
def test_a_review_waits_for_every_author(authors: list[int], agreed: list[int], state: OutputState) -> None:
    assert after_credit(authors, agreed) == state


def test_every_author_agrees_before_the_review(scene: Scene) -> None:
    other = second_worker(scene)
    output = drafted(scene, authors=[other])
    version = submit_output(output, by=scene.worker, on=ON)
    assert (version.state, Duty.objects.count()) == (OutputState.CREDIT, 0)
    assert list(Message.objects.values_list("recipient", "event")) == [(other.pk, "training.output_credit")]
    with pytest.raises(OutputRefused, match="不在审核中"):
        review_output(version, accept=True, answer="", by=scene.staff, on=ON)
    with pytest.raises(OutputRefused, match="已经确认过"):
        answer_credit(output, agrees=True, by=scene.worker, on=ON)
    version = answer_credit(output, agrees=True, by=other, on=ON)
    duty = Duty.objects.get()
    assert (version.state, duty.organisation, duty.subject, duty.done_on) == (
        OutputState.REVIEW,
        scene.general,
        version.pk,
        None,
    )
    review_output(version, accept=True, answer="", by=scene.staff, on=ON)
    duty.refresh_from_db()
    output.refresh_from_db()
    assert (duty.done_on, output.published, output.first_published_on) == (ON, version, ON)
    with pytest.raises(OutputRefused, match="不在审核中"):
        review_output(version, accept=True, answer="", by=scene.staff, on=ON)


def test_an_author_may_have_the_name_taken_off(scene: Scene) -> None:
    other = second_worker(scene)
    output = drafted(scene, authors=[other])
    submit_output(output, by=scene.worker, on=ON)
    version = answer_credit(output, agrees=False, by=other, on=ON)
    assert (version.state, [row.user for row in version.authors.all()]) == (
        OutputState.REVIEW,
        [scene.worker],
    )


def test_who_wrote_it_down_does_not_review_it_either(scene: Scene) -> None:
    output = add_output(scene.first, data=said(authors=[scene.worker]), by=scene.staff)
    version = submit_output(output, by=scene.staff, on=ON)
    answer_credit(output, agrees=True, by=scene.worker, on=ON)
    OutputAuthor.objects.filter(user=scene.staff).delete()
    version.refresh_from_db()
    with pytest.raises(OutputRefused, match="由其他人员审核"):
        review_output(version, accept=True, answer="", by=scene.staff, on=ON)


def test_no_author_reviews_and_what_is_returned_is_agreed_anew(scene: Scene) -> None:
    output = drafted(scene, authors=[scene.staff])
    submit_output(output, by=scene.worker, on=ON)
    version = answer_credit(output, agrees=True, by=scene.staff, on=ON)
    with pytest.raises(OutputRefused, match="由其他人员审核"):
        review_output(version, accept=True, answer="", by=scene.staff, on=ON)
    with pytest.raises(OutputRefused, match="需要改什么"):
        review_output(version, accept=False, answer=" ", by=scene.foreign_staff, on=ON)
    with pytest.raises(OutputRefused, match="不能改"):
        change_output(output, data=said(), by=scene.worker, seen=0)
    review_output(version, accept=False, answer="请写清步骤", by=scene.foreign_staff, on=ON)
    version = change_output(output, data=said(authors=[scene.staff]), by=scene.worker, seen=0)
    assert [row.agreed_on for row in version.authors.all()] == [None, None]
    with pytest.raises(OutputRefused, match="刚被其他作者改过"):
        change_output(output, data=said(), by=scene.worker, seen=0)


def test_a_new_version_leaves_the_published_text_until_it_is_accepted(scene: Scene) -> None:
    other = second_worker(scene)
    output = published(scene)
    first = output.versions.get()
    second = change_output(output, data=said(body="新的正文", authors=[other]), by=scene.worker, seen=0)
    output.refresh_from_db()
    assert (output.published, second.number) == (first, 2)
    assert [row.user for row in first.authors.all()] == [scene.worker]
    submit_output(output, by=scene.worker, on=ON)
    second = answer_credit(output, agrees=True, by=other, on=ON)
    review_output(second, accept=True, answer="", by=scene.staff, on=ON + timedelta(days=1))
    output.refresh_from_db()
    assert (output.published, output.first_published_on) == (second, ON)
    assert [row.state for row in output.versions.order_by("number")] == ["superseded", "published"]


def test_use_is_counted_by_branches_that_say_what_changed(scene: Scene) -> None:
    output, other = published(scene), second_worker(scene)
    for place, changed, since, words in (
        (scene.first, "省时", ON, "自己的成果"),
        (scene.second, " ", ON, "什么变化"),
        (scene.second, "省时", ON + timedelta(days=1), "还没有到"),
    ):
        with pytest.raises(OutputRefused, match=words):
            use_output(output, place, changed=changed, since=since, by=other, on=ON)
    use = use_output(output, scene.second, changed="省时", since=ON, by=other, on=ON)
    later = ON + timedelta(days=5)
    use_output(output, scene.second, changed="省一半时间", since=ON, by=other, on=later)
    kept = OutputUse.objects.get()
    assert (kept.changed, kept.said_on) == ("省一半时间", ON)
    told = Message.objects.filter(event="training.output_used").values_list("recipient", flat=True)
    assert list(told) == [scene.worker.pk]
    assert [(fact.key, fact.user, fact.organisation, fact.happened_on) for fact in used_outputs(ON)] == [
        (f"output:{use.pk}:{scene.worker.pk}", scene.worker.pk, scene.first.pk, ON)
    ]
    drop_use(kept, by=other)
    assert list(used_outputs(ON)) == []
    with pytest.raises(OutputRefused, match="还没有入库"):
        use_output(drafted(scene, title="草稿"), scene.second, changed="好", since=ON, by=other, on=ON)


def test_every_author_of_that_day_is_credited_once_for_a_branch(scene: Scene) -> None:
    other = second_worker(scene)
    output = published(scene, authors=[other])
    change_output(output, data=said(), by=scene.worker, seen=0)
    version = submit_output(output, by=scene.worker, on=ON)
    review_output(version, accept=True, answer="", by=scene.staff, on=ON)
    use_output(output, scene.second, changed="省时", since=ON, by=scene.staff, on=ON)
    assert sorted(fact.user for fact in used_outputs(ON)) == sorted([scene.worker.pk, other.pk])
    OutputUse.objects.update(said_by=other)
    assert [fact.user for fact in used_outputs(ON)] == [scene.worker.pk]


def test_one_pick_a_month(scene: Scene) -> None:
    one, two = published(scene), published(scene, title="第二份")
    with pytest.raises(OutputRefused, match="推荐理由"):
        pick_output(one, reason=" ", by=scene.staff, on=ON)
    pick_output(one, reason="清楚", by=scene.staff, on=ON)
    pick_output(two, reason="好用", by=scene.staff, on=ON)
    assert [(pick.output, pick.reason) for pick in OutputPick.objects.all()] == [(two, "好用")]
    facts = brief_facts(scene.general, Month.of(ON))
    assert (facts.pick and facts.pick.output, facts.added, facts.uses) == (two, [one, two], [])
    with pytest.raises(OutputRefused, match="还没有入库"):
        pick_output(drafted(scene, title="草稿"), reason="好", by=scene.staff, on=ON)


def test_search_finds_words_and_authors_in_the_own_library(scene: Scene) -> None:
    output = published(scene)
    foreign(scene)
    drafted(scene, title="草稿")

    def found(question: str = "", **fields: Any) -> list[Output]:
        return list(library_of(scene.worker, Asked(question, **fields), on=ON))

    assert [found(), found("念一遍 核对"), found(scene.worker.name), found("没有的")] == [
        [output],
        [output],
        [output],
        [],
    ]
    assert [found(kind="case"), found(topic="meetings"), found(topic="dues")] == [[], [output], []]
    chapters = chapters_of(scene.general, year=ON.year, topic="")
    assert [(chapter.number, chapter.kind, chapter.outputs) for chapter in chapters] == [
        (1, "method", [output])
    ]
    assert chapters_of(scene.general, year=2024, topic="") == []


def test_a_name_stands_once_in_a_branch(scene: Scene) -> None:
    drafted(scene)
    with pytest.raises(OutputRefused, match="同名"):
        drafted(scene)
