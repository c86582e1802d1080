"""The catalogue: what is in force where, how it is changed, what is refused."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEvent
from branches.models import Organisation
from periods.rule_parts import InvalidDueRule, Kind
from reminders.actions.catalogue import (
    ActionExists,
    ActionOutOfReach,
    Adjustment,
    AlreadyAdopted,
    AlreadyOff,
    BelowCentralMinimum,
    DateInPast,
    NewAction,
    VersionInForce,
    add_action,
    adjust_action,
    adopt_action,
    switch_off_action,
)
from reminders.actions.catalogue_load import load_catalogue
from reminders.forms.catalogue import AddForm, AdjustForm
from reminders.frequency import Cadence, cadence_of, lowers_minimum, yearly_times
from reminders.models import Action, ActionVersion, Adoption
from reminders.queries.catalogue import CatalogueRow, catalogue_row, version_history, what_changed
from reminders.queries.effective import Standing
from reminders.queries.facts import CONDITION_ENDED, Limits, conditions
from reminders.rules import ActionKind, ConditionCode, conditions_label
from reminders.wording import basis_label, basis_line, hours_label, short_basis
from tests.factories.reminders import make_action, make_version
from tests.reminders.scene import CENTRAL_BASIS, HOSTILE, ON, QUARTERLY, Scene, central_action, make_scene

pytestmark = pytest.mark.django_db
MONTHLY = {**QUARTERLY, "period": "month"}
NEXT_MONTH = date(2026, 12, 1)
BAD_REMIND = "提前提醒的天数请填 0 至 366 之间的整数，例如 10、3。"


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def changes(rule: dict[str, Any] = MONTHLY, **fields: Any) -> Adjustment:
    return Adjustment(due_rule=rule, **{"minutes": 45, "steps": ["通知", "开会"], **fields})


def row_of(action: Action, organisation: Organisation, *, on: date) -> CatalogueRow:
    row = catalogue_row(action, organisation, on=on)
    assert row is not None
    return row


def settle_facts() -> None:
    Organisation.objects.update(facts_changed=False)


def changed_codes() -> set[str]:
    return set(Organisation.objects.stale().values_list("code", flat=True))


# ---- pure words and comparisons ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "cadence", "times"),
    [
        (MONTHLY, Cadence.MONTHLY, 12),
        (QUARTERLY, Cadence.QUARTERLY, 4),
        ({**QUARTERLY, "period": "half_year"}, Cadence.HALF_YEARLY, 2),
        ({**QUARTERLY, "period": "year"}, Cadence.YEARLY, 1),
        ({"kind": "yearly_window", "start": "12-01", "end": "01-31"}, Cadence.YEARLY, 1),
        ({"kind": "fixed_date", "dates": ["06-30", "12-31"]}, Cadence.HALF_YEARLY, 2),
        ({"kind": "fixed_window", "windows": [["01-01", "02-20"]]}, Cadence.YEARLY, 1),
        ({"kind": "event_offset", "anchor": "term_end"}, Cadence.EVENT, None),
        ({"kind": "one_off", "start": "2026-11-01", "end": "2026-11-09"}, Cadence.ONCE, None),
    ],
)
def test_cadence_and_times_a_year(rule: dict[str, Any], cadence: Cadence, times: int | None) -> None:
    assert (cadence_of(rule), yearly_times(rule)) == (cadence, times)


@pytest.mark.parametrize(
    ("new", "old", "lower"),
    [
        (MONTHLY, QUARTERLY, False),
        (QUARTERLY, MONTHLY, True),
        (QUARTERLY, QUARTERLY, False),
        ({**QUARTERLY, "period": "year", "min_count": 12}, MONTHLY, True),
        ({**QUARTERLY, "min_count": 1}, {**QUARTERLY, "min_count": 2}, True),
        ({"kind": "fixed_date", "dates": ["03-31", "06-30", "09-30", "12-31"]}, QUARTERLY, True),
        ({"kind": "yearly_window", "start": "01-01", "end": "03-31"}, {"kind": "yearly_window"}, False),
        (QUARTERLY, {"kind": "yearly_window", "start": "10-01", "end": "12-31"}, False),
        (
            {"kind": "fixed_date", "dates": ["06-30"]},
            {"kind": "fixed_date", "dates": ["06-30", "12-31"]},
            True,
        ),
        ({"kind": "event_offset", "anchor": "term_end"}, QUARTERLY, True),
    ],
)
def test_what_lowers_a_minimum(new: dict[str, Any], old: dict[str, Any], lower: bool) -> None:
    assert lowers_minimum(new, old) is lower


@pytest.mark.parametrize(
    ("limit", "note", "lower"),
    [
        ({"months": 1}, "", False),
        ({"days": 20}, "", False),
        ({"months": 2}, "", True),
        ({"months": 2}, "1个月为建议值", False),
    ],
)
def test_an_event_duty_may_not_get_a_longer_limit_unless_the_limit_is_only_suggested(
    limit: dict[str, int], note: str, lower: bool
) -> None:
    old = {
        "kind": "event_offset",
        "anchor": "application_received",
        "due_offset": {"months": 1},
        "note": note,
    }
    assert lowers_minimum({**old, "due_offset": limit}, old) is lower
    assert lowers_minimum({**old, "anchor": "term_end"}, old) is True
    assert lowers_minimum(QUARTERLY, old) is True


def test_words() -> None:
    assert (
        conditions_label(["has_activist", "has_probationary"]) == "有入党积极分子的支部，或有预备党员的支部"
    )
    assert conditions_label([]) == "所有支部"
    assert conditions_label(["new_code"]) == "new_code"


def test_every_condition_of_the_shipped_catalogue_is_known_and_can_be_asked() -> None:
    load_catalogue(on=ON)
    named = {code for version in ActionVersion.objects.all() for code in version.applies_when}
    assert named - set(ConditionCode.values) == set()
    answered = {*conditions(Limits(3, 7, 6)), ConditionCode.HEADCOUNT_RISK}
    assert set(CONDITION_ENDED) == answered
    # The reminder talks answer for these.
    assert set(ConditionCode) - answered == {ConditionCode.ABSENCE_OR_ARREARS}
    assert basis_label(CENTRAL_BASIS[0]) == "《中国共产党支部工作条例（试行）》第十四条"
    assert basis_line([*CENTRAL_BASIS, {**CENTRAL_BASIS[0], "article": "第十六条"}]) == (
        "《中国共产党支部工作条例（试行）》第十四条、第十六条"
    )
    assert (basis_line([]), short_basis([])) == ("", "")
    assert short_basis(CENTRAL_BASIS) == "《支部工作条例》第十四条"
    assert basis_label({"source": "seed", "document": "某某：一篇论文"}) == "《一篇论文》"
    assert short_basis([{"source": "seed", "document": "某某：一篇论文"}]) == "案例做法"
    assert short_basis([{"source": "local", "document": "上级惯例（须确认）"}]) == "上级惯例"
    assert [hours_label(n) for n in (40, 60, 90, 1560)] == ["40 分钟", "1 小时", "1.5 小时", "26 小时"]


# ---- adopting and switching off ----------------------------------------------------------------------


def test_adopting_a_suggestion(scene: Scene) -> None:
    action = make_action(default_adopted=False)
    settle_facts()
    adopt_action(action, organisation=scene.general, valid_from=ON, reason="上级要求", by=scene.staff, on=ON)
    assert row_of(action, scene.first, on=ON).standing == Standing.ADOPTED
    assert row_of(action, scene.foreign_branch, on=ON).standing == Standing.SUGGESTED
    assert changed_codes() == {scene.general.code, scene.first.code, scene.second.code}
    event = AuditEvent.objects.get(event="reminders.action_adopted")
    assert event.detail == {
        "organisation": scene.general.code,
        "valid_from": "2026-11-18",
        "reason": "上级要求",
    }


def test_adopting_twice_is_refused(scene: Scene) -> None:
    action = make_action(default_adopted=False)
    adopt_action(action, organisation=scene.general, valid_from=ON, reason="", by=scene.staff, on=ON)
    with pytest.raises(AlreadyAdopted, match="已经采纳"):
        adopt_action(action, organisation=scene.general, valid_from=ON, reason="", by=scene.staff, on=ON)
    assert Adoption.objects.count() == 1


def test_switching_off_and_on_again_on_one_day_keeps_one_row(scene: Scene) -> None:
    action = central_action()
    off: dict[str, Any] = {"organisation": scene.general, "valid_from": ON, "by": scene.staff, "on": ON}
    switch_off_action(action, reason="合并办理", **off)
    assert row_of(action, scene.first, on=ON).standing == Standing.OFF
    with pytest.raises(AlreadyOff):
        switch_off_action(action, reason="合并办理", **off)
    adopt_action(action, reason="", **off)
    assert [row.adopted for row in Adoption.objects.all()] == [True]


def test_a_decision_begins_on_its_day(scene: Scene) -> None:
    action = central_action()
    switch_off_action(
        action, organisation=scene.general, valid_from=NEXT_MONTH, reason="停", by=scene.staff, on=ON
    )
    assert row_of(action, scene.first, on=date(2026, 11, 30)).standing == Standing.ADOPTED
    assert row_of(action, scene.first, on=NEXT_MONTH).standing == Standing.OFF


def test_the_past_and_foreign_actions_are_refused(scene: Scene) -> None:
    action = make_action(default_adopted=False)
    foreign = make_action(organisation=scene.foreign_general)
    rest: dict[str, Any] = {"organisation": scene.general, "reason": "", "by": scene.staff, "on": ON}
    with pytest.raises(DateInPast):
        adopt_action(action, valid_from=date(2026, 11, 17), **rest)
    with pytest.raises(ActionOutOfReach):
        switch_off_action(foreign, valid_from=ON, **rest)
    assert Adoption.objects.count() == 0


# ---- adjusting --------------------------------------------------------------------------------------


def adjust(scene: Scene, action: Action, *, valid_from: date = NEXT_MONTH, **fields: Any) -> ActionVersion:
    return adjust_action(
        action,
        organisation=scene.general,
        valid_from=valid_from,
        changes=changes(**fields),
        by=scene.staff,
        on=ON,
    )


def test_adjusting_makes_a_version_from_a_day_on(scene: Scene) -> None:
    action = central_action()
    settle_facts()
    version = adjust(scene, action, note="每月开")
    assert (version.cadence, version.minutes, version.steps) == ("monthly", 45, ["通知", "开会"])
    assert (version.legal_basis, version.name) == (CENTRAL_BASIS, "支部党员大会")
    assert row_of(action, scene.first, on=ON).version.minutes == 60
    assert row_of(action, scene.first, on=NEXT_MONTH).version == version
    assert row_of(action, scene.foreign_branch, on=NEXT_MONTH).version.minutes == 60
    assert changed_codes() == {scene.general.code, scene.first.code, scene.second.code}


def test_adjusting_again_replaces_a_version_that_has_not_begun(scene: Scene) -> None:
    action = central_action()
    adjust(scene, action)
    adjust(scene, action, minutes=30)
    assert [v.minutes for v in ActionVersion.objects.filter(organisation=scene.general)] == [30]
    assert AuditEvent.objects.filter(event="reminders.action_adjusted").count() == 2


def test_a_version_in_force_is_never_edited(scene: Scene) -> None:
    action = central_action()
    adjust(scene, action, valid_from=ON)
    with pytest.raises(VersionInForce, match="2026-11-18 的版本已经生效"):
        adjust(scene, action, valid_from=ON, minutes=30)
    assert [v.minutes for v in ActionVersion.objects.filter(organisation=scene.general)] == [45]


def test_a_central_rule_keeps_its_minimum_and_the_refusal_names_the_article(scene: Scene) -> None:
    action = central_action(due_rule=MONTHLY)
    with pytest.raises(BelowCentralMinimum) as refused:
        adjust(scene, action, rule=QUARTERLY)
    assert str(refused.value) == (
        "依据《中国共产党支部工作条例（试行）》第十四条，这个事项的次数和时限不能低于规定，请调高次数或缩短周期。"
    )
    assert ActionVersion.objects.count() == 1


def test_the_floor_is_the_shipped_rule_not_the_last_adjustment(scene: Scene) -> None:
    action = central_action()
    adjust(scene, action, valid_from=ON)
    adjust(scene, action, rule=QUARTERLY)
    assert row_of(action, scene.first, on=NEXT_MONTH).version.due_rule == QUARTERLY


def test_a_local_frequency_may_be_lowered(scene: Scene) -> None:
    action = central_action(basis_level="local_frequency", due_rule=MONTHLY)
    assert adjust(scene, action, rule=QUARTERLY).cadence == "quarterly"


def test_an_unsound_rule_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidDueRule):
        adjust(scene, central_action(), rule={"kind": "fixed_date", "dates": []})
    assert ActionVersion.objects.count() == 1


def test_the_history_says_what_changed(scene: Scene) -> None:
    action = central_action()
    adjust(scene, action)
    newest, oldest = version_history(action, scene.general)
    assert newest.changes == [
        "时限：每季度至少 1 次，季末最后一个工作日前 → 每月至少 1 次，最后一个工作日前",
        "每次用时：60 分钟 → 45 分钟",
        "步骤有调整",
    ]
    assert (oldest.changes, what_changed(oldest.version, None)) == ([], [])


# ---- adding -----------------------------------------------------------------------------------------


def new_action(**fields: Any) -> NewAction:
    given = {
        "name": "烟叶收购廉洁提醒",
        "category": "integrity",
        "due_rule": MONTHLY,
        "minutes": 20,
        "record_kind": "date_only",
        "why": "分公司安排",
    }
    return NewAction(**{**given, **fields})


def test_an_added_action_is_adopted_here_and_unknown_elsewhere(scene: Scene) -> None:
    settle_facts()
    action = add_action(scene.general, data=new_action(), valid_from=ON, by=scene.staff, on=ON)
    row = row_of(action, scene.first, on=ON)
    assert (action.kind, row.standing, row.version.cadence) == (ActionKind.LOCAL, Standing.ADOPTED, "monthly")
    assert basis_line(row.version.legal_basis) == "本单位要求：分公司安排"
    assert row.version.is_verified is True
    assert catalogue_row(action, scene.foreign_branch, on=ON) is None
    assert changed_codes() == {scene.general.code, scene.first.code, scene.second.code}


def test_an_action_of_the_same_name_is_added_once_in_each_organisation(scene: Scene) -> None:
    add_action(scene.general, data=new_action(), valid_from=ON, by=scene.staff, on=ON)
    with pytest.raises(ActionExists, match="已经有“烟叶收购廉洁提醒”"):
        add_action(scene.general, data=new_action(), valid_from=ON, by=scene.staff, on=ON)
    add_action(scene.foreign_general, data=new_action(), valid_from=ON, by=scene.foreign_staff, on=ON)
    assert (Action.objects.count(), ActionVersion.objects.count()) == (2, 2)


def test_adding_for_the_past_or_with_an_unsound_rule_is_refused(scene: Scene) -> None:
    with pytest.raises(DateInPast):
        add_action(scene.general, data=new_action(), valid_from=date(2026, 11, 1), by=scene.staff, on=ON)
    bad = new_action(due_rule={"kind": "periodic", "period": "decade"})
    with pytest.raises(InvalidDueRule):
        add_action(scene.general, data=bad, valid_from=ON, by=scene.staff, on=ON)
    assert Action.objects.count() == 0


# ---- forms --------------------------------------------------------------------------------------------


def test_the_form_keeps_what_it_does_not_show(scene: Scene) -> None:
    rule = {**QUARTERLY, "note": "季度频次是惯例", "per_person": True, "remind_days_before": [10, 3]}
    version = make_version(central_action(), valid_from=date(2020, 1, 1), due_rule=rule)
    data = {
        "period": "month", "due": "first_workday_of_period", "remind": "5，1",
        "minutes": "30", "steps": "一\n\n 二 ", "valid_from": "2026-12-01", "note": "",
    }  # fmt: skip
    form = AdjustForm(data, version=version, kind=None, on=ON)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["due_rule"] == {
        "kind": "periodic", "period": "month", "min_count": 1, "due": "first_workday_of_period",
        "note": "季度频次是惯例", "per_person": True, "remind_days_before": [5, 1],
    }  # fmt: skip


def test_the_form_of_an_event_duty_keeps_its_event(scene: Scene) -> None:
    rule = {
        "kind": "event_offset",
        "anchor": "term_end",
        "due_offset": {"years": 1},
        "alert_before_months": [6],
    }
    version = make_version(central_action(), valid_from=date(2020, 1, 1), due_rule=rule)
    form = AdjustForm(version=version, kind=None, on=ON)
    assert (form.initial["limit"], form.initial["limit_unit"]) == (12, "months")
    data = {"limit": "20", "limit_unit": "days", "minutes": "30", "valid_from": "2026-12-01"}
    bound = AdjustForm(data, version=version, kind=None, on=ON)
    assert bound.is_valid(), bound.errors
    assert bound.cleaned_data["due_rule"] == {**rule, "due_offset": {"days": 20}}


@pytest.mark.parametrize(
    ("kind", "fields", "rule"),
    [
        (Kind.YEARLY_WINDOW, {"start": "12-01", "end": "01-31", "min_count": "9"},
         {"kind": "yearly_window", "start": "12-01", "end": "01-31", "min_count": 1}),
        (Kind.FIXED_DATE, {"dates": "06-30、 12-31"}, {"kind": "fixed_date", "dates": ["06-30", "12-31"]}),
        (Kind.FIXED_WINDOW, {"windows": "01-01 至 02-20\n06-20—07-01"},
         {"kind": "fixed_window", "windows": [["01-01", "02-20"], ["06-20", "07-01"]]}),
    ],
)  # fmt: skip
def test_every_kind_of_rule_can_be_typed(kind: Kind, fields: dict[str, Any], rule: dict[str, Any]) -> None:
    data = {
        "name": "事项", "why": "安排", "category": "meeting", "applies_when": "all", "record_kind": "meeting",
        "minutes": "30", "valid_from": "2026-11-18", **fields,
    }  # fmt: skip
    form = AddForm(data, kind=kind, on=ON)
    assert form.is_valid(), form.errors
    assert "min_count" not in form.fields
    assert form.cleaned_data["due_rule"] == rule


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        (Kind.FIXED_DATE, {"dates": "06-31"}, {"dates": ["没有认出日期“06-31”，请写成“06-30”这样的月日。"]}),
        (
            Kind.FIXED_WINDOW,
            {"windows": "元旦到春节"},
            {"windows": ["每个时间段请写成“01-01 至 02-20”，一行一个。"]},
        ),
        (Kind.FIXED_DATE, {"dates": "06-30", "remind": "三天"}, {"remind": [BAD_REMIND]}),
        (Kind.FIXED_DATE, {"dates": "06-30", "remind": "999"}, {"remind": [BAD_REMIND]}),
    ],
)
def test_an_unreadable_rule_says_what_to_write(
    kind: Kind, fields: dict[str, Any], error: dict[str, list[str]]
) -> None:
    data = {
        "name": "事项", "why": "安排", "category": "meeting", "applies_when": "all", "record_kind": "meeting",
        "minutes": "30", "valid_from": "2026-11-18", **fields,
    }  # fmt: skip
    form = AddForm(data, kind=kind, on=ON)
    assert form.errors == error


# ---- pages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_needs_six_queries_whatever_its_length(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for n in range(rows):
        make_action(name=f"事项甲{n}")
    make_action(organisation=scene.foreign_general, name="外单位事项")
    client.force_login(scene.staff)
    client.get(reverse("reminders:action_list"))
    with django_assert_num_queries(6):
        response = client.get(reverse("reminders:action_list"))
    names = [row.version.name for _, group in response.context["groups"] for row in group]
    assert names == [f"事项甲{n}" for n in range(rows)]
    assert "外单位" not in response.content.decode()


def test_the_list_filters_by_standing_and_name(scene: Scene, client: Client) -> None:
    make_action(name="党课")
    make_action(
        name="党务公开",
        default_adopted=False,
        basis_level="local_frequency",
        legal_basis=[{"verified": False}],
    )
    client.force_login(scene.worker)
    response = client.get(reverse("reminders:action_list"), {"standing": "suggested", "q": "党务"})
    assert [row.version.name for _, group in response.context["groups"] for row in group] == ["党务公开"]
    page = response.content.decode()
    assert "频次是惯例或上级要求，中央规定没有写明" in page
    assert "依据待核实" in page
    # A worker reads; only staff is offered a change.
    assert "adopt/" not in page
    assert [count for _, count in response.context["counts"]] == [1, 1, 0]


def test_the_detail_says_the_load_in_plain_words(scene: Scene, client: Client) -> None:
    action = central_action()
    client.force_login(scene.staff)
    page = client.get(reverse("reminders:action_detail", args=[action.code])).content.decode()
    assert "现在适用于 2 个支部，每次约 60 分钟，每年 4 次，合计每年约 8 小时。" in page
    assert "《中国共产党支部工作条例（试行）》第十四条" in page


def test_hostile_text_is_shown_as_text(scene: Scene, client: Client) -> None:
    action = add_action(
        scene.general,
        data=new_action(name=HOSTILE, why=HOSTILE, steps=[HOSTILE], minimal_record=HOSTILE),
        valid_from=ON,
        by=scene.staff,
        on=ON,
    )
    client.force_login(scene.staff)
    for name in ("action_detail", "action_adjust", "action_switch_off"):
        page = client.get(reverse(f"reminders:{name}", args=[action.code])).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    page = client.get(reverse("reminders:action_list")).content.decode()
    assert "<script>alert" not in page


def test_staff_adopts_from_the_page(scene: Scene, client: Client) -> None:
    action = make_action(default_adopted=False, name="党务公开")
    client.force_login(scene.staff)
    url = reverse("reminders:action_adopt", args=[action.code])
    assert "采纳“党务公开”" in client.get(url).content.decode()
    response = client.post(url, {"valid_from": "2026-11-18", "reason": ""})
    assert response.headers["Location"] == reverse("reminders:action_detail", args=[action.code])
    again = client.post(url, {"valid_from": "2026-11-18", "reason": ""})
    assert again.status_code == 422
    assert again.context["form"].non_field_errors() == ["这个事项在所选日期已经采纳。"]


def test_staff_switches_off_with_a_reason(scene: Scene, client: Client) -> None:
    action = central_action()
    client.force_login(scene.staff)
    url = reverse("reminders:action_switch_off", args=[action.code])
    assert "规定仍然有效" in client.get(url).content.decode()
    assert client.post(url, {"valid_from": "2026-11-18", "reason": " "}).status_code == 422
    client.post(url, {"valid_from": "2026-11-18", "reason": "合并办理"})
    assert [(row.adopted, row.reason) for row in Adoption.objects.all()] == [(False, "合并办理")]


def test_staff_adjusts_from_the_page_and_hears_the_article(scene: Scene, client: Client) -> None:
    action = central_action()
    client.force_login(scene.staff)
    url = reverse("reminders:action_adjust", args=[action.code])
    assert client.get(url).context["form"].initial["valid_from"] == NEXT_MONTH
    data = {
        "period": "half_year", "due": "last_workday_of_period", "minutes": "30",
        "valid_from": "2026-12-01",
    }  # fmt: skip
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert "第十四条，这个事项的次数和时限不能低于规定" in refused.content.decode()
    assert client.post(url, {**data, "period": "month"}).status_code == 302
    assert ActionVersion.objects.filter(organisation=scene.general).count() == 1


def test_staff_adds_from_the_page(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    url = reverse("reminders:action_add")
    data = {
        "name": "廉洁提醒", "why": "分公司安排", "category": "integrity", "applies_when": "all",
        "record_kind": "date_only", "dates": "06-30", "minutes": "15", "valid_from": "2026-11-18",
    }  # fmt: skip
    assert client.post(url, data).status_code == 422
    assert client.post(url + "?kind=fixed_date", data).status_code == 302
    again = client.post(url + "?kind=fixed_date", data)
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["__all__"])
    version = ActionVersion.objects.get()
    assert (version.due_rule, version.organisation) == (
        {"kind": "fixed_date", "dates": ["06-30"]},
        scene.general,
    )


EDIT_PAGES = ("action_adopt", "action_switch_off", "action_adjust")


@pytest.mark.parametrize("name", EDIT_PAGES)
def test_only_staff_may_change(scene: Scene, client: Client, name: str) -> None:
    action = central_action()
    url = reverse(f"reminders:{name}", args=[action.code])
    for user in (scene.worker, scene.overseer):
        client.force_login(user)
        assert client.post(url, {}).status_code == 403
    assert client.get(reverse("reminders:action_add")).status_code == 403


@pytest.mark.parametrize("name", ["action_detail", *EDIT_PAGES])
def test_a_foreign_or_unknown_action_is_not_found(scene: Scene, client: Client, name: str) -> None:
    foreign = make_action(organisation=scene.foreign_general)
    client.force_login(scene.staff)
    assert client.get(reverse(f"reminders:{name}", args=[foreign.code])).status_code == 404
    assert client.get(reverse(f"reminders:{name}", args=["nothing"])).status_code == 404


def test_a_foreign_organisation_is_not_found(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    url = reverse("reminders:action_list")
    assert client.get(url, {"organisation": scene.foreign_general.code}).status_code == 404
    assert client.get(url, {"organisation": scene.general.code}).status_code == 200


def test_wrong_methods(scene: Scene, client: Client) -> None:
    action = central_action()
    client.force_login(scene.staff)
    assert client.post(reverse("reminders:action_list")).status_code == 405
    assert client.post(reverse("reminders:action_detail", args=[action.code])).status_code == 405
    assert client.put(reverse("reminders:action_add")).status_code == 405
    for name in EDIT_PAGES:
        assert client.put(reverse(f"reminders:{name}", args=[action.code])).status_code == 405
