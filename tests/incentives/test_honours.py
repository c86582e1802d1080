"""Honours: definitions, criteria by data, the way of a case, the frozen evidence, stories, the ledger."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from branches.rules import Role
from errorbank.models import Finding
from errorbank.rules import Severity
from incentives.actions.honours import (
    CallData,
    award,
    check_case,
    decline_case,
    enter_vote,
    open_call,
    propose,
    withdraw_case,
)
from incentives.actions.public_notices import settle_notices
from incentives.actions.stories import draft_story, release_story, take_story_back, wording
from incentives.ledgers.honours import HONOURS
from incentives.models import HonourCase, HonourStory, PublicNotice
from incentives.queries.honours import findings_of, honours
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import (
    DROPPED_CASES,
    MOVES,
    RUNNING_CASES,
    CaseState,
    Check,
    Criterion,
    Origin,
    Reading,
    Verdict,
    checksum,
    judge,
    percent,
)
from incentives.rules.public_notices import NoticeState
from incentives.rules.stories import StoryKind, StoryState
from ledgers.ledger import Cell, Tone
from records.rules import VoteCount
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_finding
from tests.incentives.entry_scene import closed_item
from tests.incentives.honour_scene import AFTER, PASSES, called, posted, proposed, secretary
from tests.ledgers.opened import document_of, excel_rows, in_excel
from tests.reminders.scene import ON, Scene, make_scene


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def awarded(scene: Scene) -> HonourCase:
    case, _ = posted(scene)
    settle_notices(AFTER)
    return award(case, by=scene.staff, on=AFTER)


def verdicts(case: HonourCase) -> list[str]:
    return [found.verdict.value for found in findings_of(case, on=ON)]


def test_every_honour_says_who_proposes_and_by_which_criteria() -> None:
    roles = {role.value for role in Role}
    for code, honour in honours().items():
        assert (honour.code, bool(honour.criteria), honour.proposers <= roles) == (code, True, True)
        assert (honour.monthly_cap > 0, honour.subject in ("person", "branch")) == (True, True)
        for each in honour.criteria:
            limits = (each.at_least is not None) + (each.at_most is not None)
            assert limits == (1 if each.check else 0)
    words = " ".join(each.words for one in honours().values() for each in one.criteria)
    assert ("前 30%" in words, "名次" in words, "排名" in words) == (False, False, False)


def test_the_moves_end_in_states_that_lead_nowhere() -> None:
    ended = {state for state, after in MOVES.items() if not after}
    assert ended == DROPPED_CASES | {CaseState.AWARDED}
    assert (sorted(MOVES), sorted(RUNNING_CASES | ended)) == (sorted(CaseState), sorted(CaseState))


@pytest.mark.parametrize(
    ("value", "least", "most", "verdict"),
    [
        ("90", "90", None, Verdict.MET),
        ("89.9", "90", None, Verdict.UNMET),
        ("0", None, "0", Verdict.MET),
        ("1", None, "0", Verdict.UNMET),
        (None, "90", None, Verdict.NO_DATA),
    ],
)
def test_a_criterion_is_absolute_and_missing_data_exclude_nobody(
    value: str | None, least: str | None, most: str | None, verdict: Verdict
) -> None:
    low, high = (None if each is None else Decimal(each) for each in (least, most))
    criterion = Criterion("标准", Origin.SEED, Check.ON_TIME, low, high, "")
    reading = Reading(None if value is None else Decimal(value), "数据")
    assert judge(criterion, reading).verdict == verdict


def test_percent_of_nothing_is_no_data() -> None:
    assert (percent(0, 0), percent(2, 3), percent(0, 3)) == (None, Decimal("66.7"), Decimal("0.0"))


def test_data_say_what_they_say_and_self_reports_do_not_count(scene: Scene) -> None:
    case = proposed(scene)
    assert verdicts(case) == ["met", "no_data", "judged", "judged"]
    post = scene.worker.posts.get()
    given: dict[str, Any] = {"severity": Severity.SERIOUS, "responsible_post": post}
    found = [make_finding(place) for place in (scene.first, scene.second, scene.first)]
    Finding.objects.filter(pk=found[0].pk).update(self_reported=True, **given)
    closed_item(scene.first, scene.worker, responsible_post=post, due_on=ON)
    assert verdicts(case) == ["met", "met", "judged", "judged"]
    Finding.objects.filter(pk=found[1].pk).update(severity=Severity.SERIOUS)
    assert verdicts(case)[0] == "met"
    Finding.objects.filter(pk=found[2].pk).update(**given)
    assert verdicts(case)[0] == "unmet"
    checked = check_case(case, by=scene.staff, on=ON)
    with pytest.raises(IncentiveRefused, match="近一年没有严重错题"):
        enter_vote(checked, vote=PASSES, held_on=ON, by=scene.staff, on=ON)
    assert decline_case(checked, reason="等整改到位", by=scene.staff, on=ON).state == CaseState.DECLINED


def test_the_evidence_stays_as_it_was_frozen(scene: Scene) -> None:
    case = check_case(proposed(scene), by=scene.staff, on=ON)
    kept = HonourCase.objects.get(pk=case.pk)
    assert (len(kept.checksum), checksum(kept.evidence)) == (64, kept.checksum)
    assert [one["verdict"] for one in kept.evidence["criteria"]] == ["met", "no_data", "judged", "judged"]
    with pytest.raises(IncentiveRefused, match="不能做这一步"):
        check_case(case, by=scene.staff, on=ON)


def test_changed_evidence_is_not_awarded(scene: Scene) -> None:
    case, _ = posted(scene)
    settle_notices(AFTER)
    HonourCase.objects.filter(pk=case.pk).update(evidence={**case.evidence, "reason": "别的"})
    with pytest.raises(IncentiveRefused, match="校验码不一致"):
        award(case, by=scene.staff, on=AFTER)


def test_a_call_is_opened_once(scene: Scene) -> None:
    called(scene)
    with pytest.raises(IncentiveRefused, match="已经开始评选"):
        called(scene)
    data = CallData("micro_lecture", "2026 年度", ON, ON - timedelta(days=1))
    with pytest.raises(IncentiveRefused, match="早于"):
        open_call(scene.general, data=data, by=scene.staff)


def test_who_proposes_whom_and_how_often(scene: Scene) -> None:
    call, by = called(scene), secretary(scene)
    proposed(scene, call=call, by=by)
    with pytest.raises(IncentiveRefused, match="已经有人提名过"):
        proposed(scene, call=call, by=scene.staff)
    people = [make_holder(scene.first) for _ in range(2)]
    given: dict[str, Any] = {"place": scene.first, "reason": "做得好", "by": by}
    propose(call, nominee=people[0], on=ON, **given)
    with pytest.raises(IncentiveRefused, match="每人每月最多提名 2 个"):
        propose(call, nominee=people[1], on=ON, **given)
    propose(call, nominee=people[1], on=ON + timedelta(days=13), **given)
    with pytest.raises(IncentiveRefused, match="不能提名自己"):
        propose(call, nominee=by, on=ON, **given)
    with pytest.raises(IncentiveRefused, match="评的是个人"):
        propose(call, nominee=None, on=ON, **given)
    with pytest.raises(IncentiveRefused, match="不在提名的日子"):
        propose(call, nominee=make_holder(scene.first), on=ON + timedelta(days=30), **given)
    foreign = make_holder(scene.second, Role.PUBLICITY_COMMISSIONER)
    with pytest.raises(IncentiveRefused, match="不在这项荣誉的提名人范围内"):
        propose(call, nominee=make_holder(scene.first), on=ON, **{**given, "by": foreign})


def test_the_vote_needs_over_half_of_all(scene: Scene) -> None:
    case = check_case(proposed(scene), by=scene.staff, on=ON)
    impossible = VoteCount("表彰", 5, 6, 3, 0, 0)
    with pytest.raises(IncentiveRefused, match="多于应到"):
        enter_vote(case, vote=impossible, held_on=ON, by=scene.staff, on=ON)
    with pytest.raises(IncentiveRefused, match="还没有到"):
        enter_vote(case, vote=PASSES, held_on=AFTER, by=scene.staff, on=ON)
    half = VoteCount("表彰", eligible=8, present=8, yes=4, no=0, abstain=4)
    case = enter_vote(case, vote=half, held_on=ON, by=scene.staff, on=ON)
    assert (case.state, case.passed, PublicNotice.objects.count()) == (CaseState.DECLINED, False, 0)


def test_who_has_a_part_handles_no_step(scene: Scene) -> None:
    case = proposed(scene, by=scene.staff)
    with pytest.raises(IncentiveRefused, match="请回避"):
        check_case(case, by=scene.staff, on=ON)


def test_an_award_is_given_once_with_a_number(scene: Scene) -> None:
    case = awarded(scene)
    assert (case.state, case.number, case.ended_on) == (CaseState.AWARDED, "2026-001", AFTER)
    with pytest.raises(IncentiveRefused, match="已表彰"):
        award(case, by=scene.staff, on=AFTER)
    with pytest.raises(IncentiveRefused, match="已表彰"):
        withdraw_case(case, by=scene.worker, on=AFTER)


def test_what_is_recommended_to_the_superior_has_no_number(scene: Scene) -> None:
    case = proposed(scene, call=called(scene, "two_outstanding_one_advanced_worker"))
    _, notice = posted(scene, case)
    settle_notices(AFTER)
    assert notice.words.startswith("拟推荐")
    assert award(case, by=scene.staff, on=AFTER).number == ""


def test_the_nominee_withdraws_without_a_reason_and_the_notice_stops(scene: Scene) -> None:
    case, notice = posted(scene)
    with pytest.raises(IncentiveRefused, match="只有本人"):
        withdraw_case(case, by=scene.staff, on=ON)
    notice.refresh_from_db()
    assert notice.state == NoticeState.OPEN
    assert withdraw_case(case, by=scene.worker, on=ON).state == CaseState.WITHDRAWN
    notice.refresh_from_db()
    assert (notice.state, settle_notices(AFTER)) == (NoticeState.STOPPED, 0)
    assert proposed(scene, call=case.call).state == CaseState.PROPOSED


def test_a_branch_is_held_against_criteria(scene: Scene) -> None:
    call = called(scene, "red_flag_branch")
    case = propose(call, nominee=None, place=scene.first, reason="好", by=secretary(scene), on=ON)
    closed_item(scene.first, scene.worker, due_on=ON, done_on=ON + timedelta(days=1))
    assert verdicts(case) == ["unmet", "no_data", "judged", "judged"]
    assert case.subject_name == scene.first.name


def test_only_the_person_releases_a_story_and_takes_it_back(scene: Scene) -> None:
    with pytest.raises(IncentiveRefused, match="表彰以后"):
        draft_story(proposed(scene), kind=StoryKind.DEEDS, title="题", body="文", by=scene.staff, on=ON)
    case = awarded_anew(scene)
    story = draft_story(case, kind=StoryKind.DEEDS, title="题", body="文", by=scene.staff, on=AFTER)
    seen = wording(story)
    with pytest.raises(IncentiveRefused, match="本人决定"):
        release_story(story, seen=seen, by=scene.staff, on=AFTER)
    assert release_story(story, seen=seen, by=scene.worker, on=AFTER).released_on == AFTER
    again = draft_story(case, kind=StoryKind.DEEDS, title="题", body="改", by=scene.staff, on=AFTER)
    assert (again.pk, again.state, again.released_on) == (story.pk, StoryState.DRAFT, None)
    with pytest.raises(IncentiveRefused, match="刚刚改过"):
        release_story(again, seen=seen, by=scene.worker, on=AFTER)
    release_story(again, seen=wording(again), by=scene.worker, on=AFTER)
    assert take_story_back(again, by=scene.worker, on=AFTER).state == StoryState.TAKEN_BACK
    assert take_story_back(again, by=scene.worker, on=AFTER).state == StoryState.TAKEN_BACK
    assert HonourStory.objects.count() == 1


def awarded_anew(scene: Scene) -> HonourCase:
    case, _ = posted(scene, proposed(scene, call=called(scene, period="2026 年上半年")))
    settle_notices(AFTER)
    return award(case, by=scene.staff, on=AFTER)


def test_the_ledger_lists_honours_of_the_scope(scene: Scene) -> None:
    case = awarded(scene)
    row = (
        1, scene.first.name, scene.worker.name, "2026 年下半年党员示范岗", ON, case.proposed_by.name,
        "应到 9，实到 8，赞成 7", Cell("已表彰", Tone.OK), AFTER, "2026-001",
    )  # fmt: skip
    document = document_of(HONOURS, "", scene.staff, on=AFTER)
    assert list(document.rows) == [row]
    assert excel_rows(document) == [tuple(in_excel(value) for value in row)]
    assert list(document_of(HONOURS, "", scene.foreign_staff, on=AFTER).rows) == []
