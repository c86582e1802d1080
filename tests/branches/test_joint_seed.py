"""The planner on the seed case of 13 branches: who is in trouble, and the options the case names."""

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from branches.models import Organisation
from branches.planning.plan import assess
from branches.planning.report import group_report
from branches.queries.joint import scene_of
from tests.database import LoadedDemo

AS_OF = date(2025, 10, 31)
TROUBLE = ["BR01", "BR02", "BR03", "BR04", "BR05", "BR06", "BR07"]
# The groupings the case names, with full members after the known departures and own ones of them.
OPTIONS = [(["BR01", "BR04"], 9, 4), (["BR02", "BR03"], 8, 3), (["BR05", "BR06", "BR07"], 8, 5)]


@pytest.fixture(scope="module")
def demo(loaded_demo: LoadedDemo) -> Iterator[None]:
    """The unshifted case."""
    with loaded_demo(AS_OF):
        yield


def printed(*options: str) -> Any:
    out = StringIO()
    call_command("plan_joint_branches", "--as-of", AS_OF.isoformat(), *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("demo")
class TestSeedCase:
    def test_json_names_the_trouble_and_the_best_groups(self) -> None:
        report = json.loads(printed("--json"))
        assert (report["as_of"], report["organisation"], report["status"]) == (
            "2025-10-31",
            "DZ01",
            "optimal",
        )
        assert sorted(one["code"] for one in report["in_trouble"]) == TROUBLE
        assert [one["level"] for one in report["in_trouble"]] == ["imminent"] * 2 + ["borrowed"] * 5
        best = report["alternatives"][0]
        assert [
            (group["branches"], group["full_after"], group["own_full_after"]) for group in best["groups"]
        ] == OPTIONS
        assert (best["rank"], best["gap"], best["alone"]) == (1, 0.0, [])
        assert [one["rank"] for one in report["alternatives"]] == [1, 2, 3, 4]
        assert report["seconds"] < 60

    def test_every_group_says_what_was_promised(self) -> None:
        group = json.loads(printed("--organisation", "DZ01", "--json"))["alternatives"][0]["groups"][2]
        assert {name: group[name] for name in ("seat", "members", "units", "lines", "diameter_km")} == {
            "seat": "BR05",
            "members": 11,
            "units": 3,
            "lines": ["烟叶"],
            "diameter_km": 24.1,
        }
        assert group["name"] == "清水塘、甘泉湾、岩脚烟站联合党支部"
        # Who retires or is transferred within the horizon, and who is borrowed, cannot become secretary.
        assert [one["code"] for one in group["secretary_candidates"]] == [
            "M019",
            "M027",
            "M026",
            "M028",
            "M025",
        ]
        assert len(group["reasons"]) == 4

    def test_the_named_options_keep_every_rule(self) -> None:
        scene = scene_of(Organisation.objects.get(code="DZ01"), on=AS_OF)
        numbers = {site.code: n for n, site in enumerate(scene.question.sites)}
        groups = assess(scene.question, [[numbers[code] for code in codes] for codes, _, _ in OPTIONS])
        assert [(group.placed, group.full, group.own) for group in groups] == [
            (True, full, own) for _, full, own in OPTIONS
        ]
        apart = [group_report(scene.question, group)["diameter_km"] for group in groups]
        assert max(apart) <= scene.question.preferences.distance_km

    def test_the_text_names_groups_and_reasons(self) -> None:
        text = printed()
        assert text.startswith("弥勒分公司党总支，截至 2025-10-31：7 个支部需要处理。")
        assert "方案 1" in text
        assert "已逐一比较全部可行组合，第 1 个方案为最优。" in text

    def test_an_unknown_code_is_refused(self) -> None:
        with pytest.raises(CommandError, match="没有编号为“XX”的组织，请核对编号。"):
            printed("--organisation", "XX")


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        ("下月", "没有认出日期“下月”，请写成“2026-11-22”这样的形式。"),
        ("9999-12-31", "日期请填 1900 年至 2198 年之间的一天。"),
    ],
)
def test_a_day_that_cannot_be_asked_is_said(db: None, day: str, answer: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("plan_joint_branches", "--as-of", day)
    assert str(refused.value) == answer
