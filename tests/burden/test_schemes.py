"""Assessment schemes: dated versions, the share of traces, pages, and items edited on one page."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.actions.policy import Adjustment, adjust_rule
from branches.rules import Role
from burden.actions.schemes import Edition, SchemeData, change_scheme, retire_scheme
from burden.measured import measured
from burden.models import AssessmentScheme, SchemeVersion
from burden.queries.schemes import LIMIT_RULE, SchemeLine, scheme_lines
from burden.rules.measured import Measured
from burden.rules.measures_vocabulary import ItemKind
from burden.rules.schemes import VersionRefused
from periods.months import Month
from tests.burden.measure_scene import NOW, SIXTY, THIRTY, lines, make_scheme
from tests.factories.branches import make_holder
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene

pytestmark = pytest.mark.django_db
LIST = "/w/burden/schemes/"
DATA = SchemeData("烟叶台账考核办法", "党总支对各支部，年终一次", "ledger_weight_30")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def change(scheme: AssessmentScheme, since: date, *, by: User, items: Any = THIRTY) -> AssessmentScheme:
    return change_scheme(scheme, data=DATA, edition=Edition(since, "减", items), by=by, now=NOW)


def line_of(scene: Scene, on: date = ON) -> SchemeLine:
    return scheme_lines(scene.staff, on=on)[0]


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def words_of(answer: Any) -> str:
    return re.sub(r"\s", "", strip_tags(answer.content.decode()))


# --- versions ------------------------------------------------------------------------------------


def test_each_day_is_answered_by_the_version_of_that_day(scene: Scene) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    change(scheme, date(2026, 10, 1), by=scene.staff)
    shares = {day: line_of(scene, day).current for day in (date(2026, 9, 30), date(2026, 10, 1))}
    assert [line and line.share.of_points for line in shares.values()] == [Decimal(60), Decimal(30)]
    assert line_of(scene, date(2025, 12, 31)).current is None
    points = line_of(scene).points()
    assert (len(points), points[Month(2026, 9)], points[Month(2026, 10)]) == (11, Decimal(60), Decimal(30))


def test_a_version_of_the_same_day_replaces_and_an_earlier_day_is_refused(scene: Scene) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    change(scheme, date(2026, 1, 1), by=scene.staff)
    assert [line.share.of_points for line in line_of(scene).versions] == [Decimal(30)]
    assert SchemeVersion.objects.filter(scheme=scheme).exclude(replaced_at=None).count() == 1
    with pytest.raises(VersionRefused, match="自 2026-01-01 起执行"):
        change(scheme, date(2025, 12, 31), by=scene.staff)


def test_what_is_refused(scene: Scene) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    other = make_scheme(scene.general, by=scene.staff, name="另一份")
    with pytest.raises(VersionRefused, match="已经有名为"):
        make_scheme(scene.general, by=scene.staff)
    with pytest.raises(VersionRefused, match="已经有名为"):
        change(other, ON, by=scene.staff)
    with pytest.raises(VersionRefused, match="至少填一个"):
        change(scheme, ON, by=scene.staff, items=[])
    retire_scheme(scheme, by=scene.staff, on=ON)
    acts: list[Callable[[], AssessmentScheme]] = [
        lambda: retire_scheme(scheme, by=scene.staff, on=ON),
        lambda: change(scheme, ON, by=scene.staff),
    ]
    for act in acts:
        with pytest.raises(VersionRefused, match="已经停用"):
            act()


# --- what the measure reads ----------------------------------------------------------------------


def test_the_measure_reads_the_share_of_its_month(scene: Scene) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    change(scheme, date(2026, 10, 1), by=scene.staff)
    found = [measured("ledger_weight_30", scene.general, Month(2026, n), on=ON) for n in (9, 10, 11)]
    assert [one and one.value for one in found] == [Decimal(60), Decimal(30), Decimal(30)]
    assert found[1] == Measured(
        Decimal("30.0"),
        "《烟叶台账考核办法》共 100 分，其中只看留痕的项目 30 分（2026-10-31 在执行的版本）。",
        LIST,
    )
    assert measured("ledger_weight_30", scene.general, Month(2025, 12), on=ON) is None
    assert measured("ledger_weight_30", scene.foreign_general, Month(2026, 10), on=ON) is None


def test_several_schemes_count_together_and_others_not_at_all(scene: Scene) -> None:
    make_scheme(scene.general, by=scene.staff)
    half = lines(("照片", "100", ItemKind.TRACE), ("办成", "200", ItemKind.RESULT))
    make_scheme(scene.general, by=scene.staff, name="乙", items=half)
    make_scheme(scene.general, by=scene.staff, name="丙", code="")
    found = measured("ledger_weight_30", scene.general, Month(2026, 10), on=ON)
    assert found is not None
    assert (found.value, "共 400 分，其中只看留痕的项目 160 分" in found.evidence) == (Decimal(40), True)
    retire_scheme(AssessmentScheme.objects.get(name="乙"), by=scene.staff, on=date(2026, 11, 1))
    later = measured("ledger_weight_30", scene.general, Month(2026, 11), on=ON)
    assert later is not None
    assert later.value == 60
    before = measured("ledger_weight_30", scene.general, Month(2026, 10), on=ON)
    assert before is not None
    assert before.value == 40


# --- pages ---------------------------------------------------------------------------------------


def test_above_the_organisation_s_own_limit_the_pages_warn(scene: Scene, client: Client) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    detail = reverse("burden:scheme_detail", args=[scheme.pk])
    signed_in(client, scene.worker)
    assert "只看留痕的分值超过50%" in words_of(client.get(LIST))
    assert "只看留痕的分值占60%，超过提醒线50%" in words_of(client.get(detail))
    limit = Adjustment(True, None, Decimal(70))
    adjust_rule(scene.general, code=LIMIT_RULE, adjustment=limit, since=ON, reason="先试行", by=scene.staff)
    assert "超过" not in words_of(client.get(detail))
    assert (line_of(scene).limit, line_of(scene).is_above) == (Decimal(70), False)


def test_a_version_to_come_is_announced(scene: Scene, client: Client) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    change(scheme, date(2027, 1, 1), by=scene.staff)
    text = words_of(signed_in(client, scene.worker).get(reverse("burden:scheme_detail", args=[scheme.pk])))
    assert "新的一版自2027年1月1日起执行，留痕分值占30%" in text
    assert "占60%" in text


@pytest.mark.parametrize("schemes", [1, 3])
def test_the_list_takes_as_many_statements_for_every_number(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, schemes: int
) -> None:
    for n in range(schemes):
        make_scheme(scene.general, by=scene.staff, name=f"办法{n}{HOSTILE}")
    make_scheme(scene.foreign_general, by=scene.foreign_staff, name="外单位的办法")
    signed_in(client, scene.worker).get(LIST)
    with django_assert_num_queries(7):
        answer = client.get(LIST)
    assert len(answer.context["lines"]) == schemes
    assert "外单位" not in words_of(answer)
    assert "<script>alert" not in answer.content.decode()


def posted(*rows: dict[str, str], **header: str) -> dict[str, str]:
    given = {"name": "新办法", "about": "党总支对各支部", "since": "2026-11-18", "note": "第一版", **header}
    given |= {"items-TOTAL_FORMS": str(len(rows)), "items-INITIAL_FORMS": "0"}
    for n, row in enumerate(rows):
        given |= {f"items-{n}-{name}": value for name, value in row.items()}
    return given


GOOD = {"text": "台账齐全", "points": "30", "kind": "trace"}
RESULT = {"text": "办成", "points": "70", "kind": "result"}


def test_staff_write_a_scheme_on_one_page(scene: Scene, client: Client) -> None:
    signed_in(client, scene.staff)
    place = str(scene.general.pk)
    blank = {"text": "", "points": "", "kind": ""}
    made = client.post(
        reverse("burden:scheme_add"),
        posted({**GOOD, "place": "2"}, blank, {**RESULT, "place": "1"}, organisation=place),
    )
    scheme = AssessmentScheme.objects.get()
    assert made["Location"] == reverse("burden:scheme_detail", args=[scheme.pk])
    assert [item.text for item in line_of(scene).shown.items] == ["办成", "台账齐全"]
    edit = reverse("burden:scheme_edit", args=[scheme.pk])
    shown = client.get(edit).context["form"]
    assert [form.initial.get("text") for form in shown.lines][:3] == ["办成", "台账齐全", None]
    changed = client.post(edit, posted({**RESULT}, {**GOOD, "drop": "on"}, note="去掉台账"))
    assert changed["Location"] == made["Location"]
    assert line_of(scene).shown.share.of_points == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"text": "甲", "points": "", "kind": "trace"}, "请填写分值"),
        ({"text": "甲", "points": "5", "kind": ""}, "请选择这一项看什么"),
        ({"text": "", "points": "5", "kind": "trace"}, "请填写内容"),
        ({"text": "甲", "points": "0", "kind": "trace"}, "分值要大于0"),
        ({"text": "甲", "points": "五", "kind": "trace"}, "数"),
        ({"text": "", "points": "", "kind": ""}, "请至少填一行"),
    ],
)
def test_errors_stand_beside_the_line_and_nothing_typed_is_lost(
    scene: Scene, client: Client, row: dict[str, str], words: str
) -> None:
    signed_in(client, scene.staff)
    kept = [] if words == "请至少填一行" else [{**GOOD, "text": "留着的一行"}]
    answer = client.post(
        reverse("burden:scheme_add"), posted(row, *kept, organisation=str(scene.general.pk), note="留着的话")
    )
    html = answer.content.decode()
    assert (answer.status_code, words in words_of(answer), "留着的话" in html) == (422, True, True)
    assert ("留着的一行" in html) is bool(kept)
    assert not AssessmentScheme.objects.exists()


def test_more_rows_keep_what_was_typed_and_judge_nothing(scene: Scene, client: Client) -> None:
    signed_in(client, scene.staff)
    half = {"text": "写了一半", "points": "", "kind": ""}
    answer = client.post(reverse("burden:scheme_add"), {**posted(half, note=""), "more": "1"})
    form = answer.context["form"]
    assert (answer.status_code, len(form.lines.forms), form.initial["name"]) == (200, 6, "新办法")
    assert "写了一半" in answer.content.decode()
    assert "请填写分值" not in words_of(answer)


def test_a_refused_day_comes_back_with_the_lines(scene: Scene, client: Client) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    answer = signed_in(client, scene.staff).post(
        reverse("burden:scheme_edit", args=[scheme.pk]), posted(RESULT, since="2025-01-01")
    )
    assert (answer.status_code, "办成" in answer.content.decode()) == (422, True)
    assert "请选这一天或以后的日期" in words_of(answer)


def test_who_may_what(scene: Scene, client: Client) -> None:
    scheme = make_scheme(scene.general, by=scene.staff)
    detail, edit, retire = (
        reverse(f"burden:scheme_{name}", args=[scheme.pk]) for name in ("detail", "edit", "retire")
    )
    for who, read, write in (
        ("worker", 200, 403),
        ("overseer", 200, 403),
        ("foreign_staff", 404, 404),
        ("staff", 200, 200),
    ):
        signed_in(client, getattr(scene, who))
        assert (client.get(detail).status_code, client.get(edit).status_code) == (read, write)
        assert client.post(retire).status_code == {200: 302}.get(write, write)
    assert not AssessmentScheme.objects.in_use().exists()
    assert "还没有登记考核办法" in words_of(client.get(LIST))
    assert {client.post(page).status_code for page in (LIST, detail)} == {405}
    assert {client.delete(edit).status_code, client.get(retire).status_code} == {405}
    assert signed_in(client, scene.worker).get(reverse("burden:scheme_add")).status_code == 403
    member = make_holder(scene.general, Role.ADMINISTRATOR)
    assert signed_in(client, member).get(LIST).status_code == 403


def test_sixty_and_thirty_are_what_they_say() -> None:
    assert [sum(line.points for line in found) for found in (SIXTY, THIRTY)] == [100, 100]
