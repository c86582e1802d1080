"""The tree and the facts of one organisation: each action once, twice, refused."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.models import AuditEvent
from branches.actions.groups import GroupRefused, add_party_group, change_party_group, end_party_group
from branches.actions.organisations import (
    AlreadyDissolved,
    CodeTaken,
    NameTaken,
    SeasonData,
    StillInUse,
    WrongPlace,
    add_organisation,
    add_organisations,
    dissolve_organisation,
    edit_organisation,
    move_organisation,
    set_busy_seasons,
    set_units,
    update_organisation,
)
from branches.actions.terms import TermRefused, add_term, extend_term
from branches.models import Organisation, PartyGroup
from branches.rules import OrganisationKind, Refusal, Role
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_organisation, make_post

ON = date(2026, 11, 22)


def settled() -> None:
    Organisation.objects.update(facts_changed=False)


def stale() -> list[str]:
    return sorted(Organisation.objects.stale().values_list("code", flat=True))


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("event", flat=True))


def consistent() -> bool:
    """Every path is the parent's path and the own key, every level one more than the parent's."""
    return all(
        o.path == (o.parent.path if o.parent else "") + o.key + "/"
        and o.level == (o.parent.level + 1 if o.parent else 0)
        for o in Organisation.objects.select_related("parent")
    )


def test_add_once_and_a_taken_code(house: House) -> None:
    made = add_organisation(
        code="BR05", name="清水塘", kind=OrganisationKind.BRANCH, parent=house.general, by=house.staff
    )
    assert (made.path, made.level) == (house.general.path + made.key + "/", 2)
    assert events() == ["branches.organisation_added"]
    with pytest.raises(CodeTaken) as refused:
        add_organisation(
            code="BR05", name="又一个", kind=OrganisationKind.BRANCH, parent=house.general, by=house.staff
        )
    assert str(refused.value) == "编号“BR05”已被其他组织使用，请换一个编号。"


def test_a_name_stands_once_below_one_parent(house: House) -> None:
    with pytest.raises(NameTaken) as refused:
        add_organisations(
            names=["清水塘", "红土坡党支部"],
            kind=OrganisationKind.BRANCH,
            parent=house.general,
            by=house.staff,
        )
    assert str(refused.value) == "“分公司党总支”之下已有“红土坡党支部”，如确需同名，请先为其中一个改名。"
    with pytest.raises(NameTaken) as refused:
        add_organisation(code="X", name="上级党委", kind=OrganisationKind.COMMITTEE, parent=None, by=None)
    assert str(refused.value) == "最上级已有“上级党委”，如确需同名，请先为其中一个改名。"
    assert events() == []
    Organisation.objects.filter(pk=house.br03.pk).update(dissolved_on=ON)
    add_organisation(
        code="X", name="红土坡党支部", kind=OrganisationKind.BRANCH, parent=house.general, by=None
    )


@pytest.mark.parametrize(
    ("kind", "parent", "sentence"),
    [
        (OrganisationKind.BRANCH, None, "党支部须有上级组织，请选择上级组织。"),
        (
            OrganisationKind.BRANCH,
            "BR03",
            "党支部不能设在党支部“红土坡党支部”之下，请另选上级组织。",
        ),
        (
            OrganisationKind.COMMITTEE,
            "DZ01",
            "党委不能设在党总支“分公司党总支”之下，请另选上级组织。",
        ),
    ],
)
def test_a_kind_stands_only_where_it_may(house: House, kind: str, parent: str | None, sentence: str) -> None:
    above = Organisation.objects.get(code=parent) if parent else None
    with pytest.raises(WrongPlace) as refused:
        add_organisation(code="X", name="某组织", kind=kind, parent=above, by=house.staff)
    assert str(refused.value) == sentence
    assert events() == []


def test_nothing_is_added_below_a_dissolved_one(house: House) -> None:
    Organisation.objects.filter(pk=house.general.pk).update(dissolved_on=date(2026, 1, 1))
    with pytest.raises(WrongPlace) as refused:
        add_organisation(
            code="X", name="某组织", kind=OrganisationKind.BRANCH, parent=house.general, by=house.staff
        )
    assert str(refused.value) == "上级组织“分公司党总支”已撤销，请另选上级组织。"


def test_several_follow_the_highest_number(house: House) -> None:
    made = add_organisations(
        names=["甲", "乙"], kind=OrganisationKind.BRANCH, parent=house.general, by=house.staff
    )
    assert [(o.code, o.name) for o in made] == [("BR05", "甲"), ("BR06", "乙")]


def test_update_writes_what_differs_and_nothing_the_second_time(house: House) -> None:
    settled()
    update_organisation(house.br03, by=house.staff, name="新名称", party_day=10)
    assert (house.br03.name, house.br03.party_day) == ("新名称", 10)
    assert stale() == ["BR03"]
    update_organisation(house.br03, by=house.staff, name="新名称", party_day=10)
    assert events() == ["branches.organisation_changed"]
    with pytest.raises(CodeTaken):
        update_organisation(house.br03, by=house.staff, code="BR04")
    with pytest.raises(TypeError):
        update_organisation(house.br03, by=house.staff, path="x/")


def test_move_takes_the_whole_subtree_and_both_sides_go_stale(house: House) -> None:
    other = make_organisation("DW02", kind=OrganisationKind.COMMITTEE)
    settled()
    move_organisation(house.general, parent=other, on=ON, by=house.staff)
    house.br03.refresh_from_db()
    assert house.br03.path == f"{other.key}/{house.general.key}/{house.br03.key}/"
    assert stale() == ["BR03", "BR04", "DW01", "DW02", "DZ01"]
    assert consistent()
    move_organisation(house.general, parent=other, on=ON, by=house.staff)
    assert events() == ["branches.organisation_moved"]


def test_move_refuses_circles_and_wrong_places(house: House) -> None:
    inner = make_organisation("DW02", kind=OrganisationKind.COMMITTEE, parent=house.committee)
    with pytest.raises(WrongPlace) as refused:
        move_organisation(house.committee, parent=inner, on=ON, by=house.staff)
    assert str(refused.value) == "“上级党委”不能移到它自己或它的下级组织之下，请另选上级组织。"
    with pytest.raises(WrongPlace):
        move_organisation(house.br03, parent=None, on=ON, by=house.staff)
    with pytest.raises(WrongPlace):
        move_organisation(house.br03, parent=house.br04, on=ON, by=house.staff)
    assert consistent()


def test_move_refuses_a_tree_too_deep_for_its_path(house: House) -> None:
    deep = house.committee
    for _ in range(19):
        deep = make_organisation(kind=OrganisationKind.COMMITTEE, parent=deep)
    with pytest.raises(WrongPlace) as refused:
        move_organisation(house.general, parent=deep, on=ON, by=house.staff)
    assert str(refused.value) == "组织层级过深，请另选上级组织。"


class TreeMoves(TestCase):
    """Whatever is moved wherever: paths and levels agree with the parents, and there is no circle."""

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(moves=st.lists(st.tuples(st.integers(0, 7), st.integers(-1, 7)), max_size=12))
    def test_paths_stay_consistent(self, moves: list[tuple[int, int]]) -> None:
        kinds = [OrganisationKind.COMMITTEE] * 4 + [OrganisationKind.GENERAL_BRANCH] * 2
        nodes = [make_organisation(kind=kind) for kind in kinds]
        nodes += [make_organisation(parent=nodes[4]), make_organisation(parent=nodes[5])]
        for what, where in moves:
            parent = None if where < 0 else nodes[where]
            try:
                move_organisation(nodes[what], parent=parent, on=ON, by=None)
            except WrongPlace:
                continue
        assert consistent()
        assert all(self.reaches_a_root(node) for node in nodes)

    def reaches_a_root(self, node: Organisation) -> bool:
        above: Organisation | None = Organisation.objects.get(pk=node.pk)
        for _ in range(20):
            if above is None:
                return True
            above = above.parent
        return False


def test_dissolve_closes_posts_and_groups(house: House) -> None:
    empty = make_organisation("BR09", parent=house.general, name="空支部")
    post = make_post(empty, Role.WORKER)
    dissolve_organisation(empty, on=ON, by=house.staff, reason="〔2026〕3 号")
    post.refresh_from_db()
    assert (empty.dissolved_on, post.until) == (ON, ON)
    with pytest.raises(AlreadyDissolved) as refused:
        dissolve_organisation(empty, on=ON, by=house.staff, reason="〔2026〕3 号")
    assert str(refused.value) == "“空支部”已于 2026-11-22 撤销。"
    assert events() == ["branches.organisation_dissolved"]


def test_dissolve_refuses_what_is_still_in_use(house: House) -> None:
    def refusal(organisation: Organisation, reason: str = "批复") -> str:
        with pytest.raises(Refusal) as refused:
            dissolve_organisation(organisation, on=ON, by=house.staff, reason=reason)
        return str(refused.value)

    assert refusal(house.br03) == "“红土坡党支部”还有 1 人，请先办理组织关系转出，再撤销。"
    assert refusal(house.general) == "“分公司党总支”还有 2 个下级组织，请先移走或撤销下级组织。"
    assert refusal(make_organisation(parent=house.general), " ") == "请填写撤销的依据或原因。"
    young = make_organisation(parent=house.general, established_on=ON)
    assert refusal(young) == "撤销日期须晚于成立日期 2026-11-22。"
    promised = make_organisation(parent=house.general, name="新支部")
    make_post(promised, Role.WORKER, since=date(2027, 1, 1))
    assert refusal(promised) == "“新支部”有在撤销日期之后开始的任职，请先核对任职日期。"
    with pytest.raises(StillInUse):
        dissolve_organisation(house.br04, on=ON, by=house.staff, reason="批复")


def test_units_end_and_begin_on_their_day(house: House) -> None:
    settled()
    set_units(house.br03, names=["一站", "二站", " 一站 ", ""], on=date(2026, 1, 1), by=house.staff)
    assert stale() == ["BR03"]
    set_units(house.br03, names=["二站", "三站"], on=ON, by=house.staff)
    set_units(house.br03, names=["三站", "二站"], on=ON, by=house.staff)
    assert list(house.br03.units.order_by("pk").values_list("name", "since", "until")) == [
        ("一站", date(2026, 1, 1), ON),
        ("二站", date(2026, 1, 1), None),
        ("三站", ON, None),
    ]
    assert events() == ["branches.units_set", "branches.units_set"]


def test_busy_seasons_replace_each_other(house: House) -> None:
    season = SeasonData("烤烟收购期", "08-01", "11-15")
    set_busy_seasons(house.general, seasons=[season], by=house.staff)
    set_busy_seasons(house.general, seasons=[season], by=house.staff)
    assert events() == ["branches.busy_seasons_set"]
    with pytest.raises(Refusal) as refused:
        set_busy_seasons(house.general, seasons=[season, SeasonData("烤烟收购期", "01-01", "02-01")], by=None)
    assert str(refused.value) == "农忙时段的名称重复了，请分别起名。"


def test_a_season_of_the_general_branch_concerns_the_branches_below(house: House) -> None:
    settled()
    set_busy_seasons(house.general, seasons=[SeasonData("收购", "08-01", "11-15")], by=house.staff)
    assert stale() == ["BR03", "BR04", "DZ01"]


def test_the_edit_page_is_all_or_nothing(house: House) -> None:
    with pytest.raises(CodeTaken):
        edit_organisation(
            house.br03, fields={"code": "BR04"}, units=["一站"], seasons=[], on=ON, by=house.staff
        )
    assert (house.br03.units.count(), events()) == (0, [])


def test_a_term_once_and_refused(house: House) -> None:
    settled()
    add_term(house.br03, elected_on=date(2024, 3, 8), ends_on=date(2027, 3, 8), by=house.staff)
    assert (stale(), events()) == (["BR03"], ["branches.term_added"])

    def refusal(elected_on: date, ends_on: date) -> str:
        with pytest.raises(TermRefused) as refused:
            add_term(house.br03, elected_on=elected_on, ends_on=ends_on, by=house.staff)
        return str(refused.value)

    assert refusal(date(2024, 3, 8), date(2027, 3, 8)) == "2024-03-08 的选举已经登记过。"
    assert refusal(ON, ON) == "届满日期须晚于选举日期，请核对。"
    assert refusal(ON, date(2031, 11, 23)) == "一届任期最长 5 年，请核对届满日期。"


def test_a_term_is_extended_once_by_a_year_at_most(house: House) -> None:
    term = add_term(house.br03, elected_on=date(2024, 3, 8), ends_on=date(2027, 3, 8), by=house.staff)

    def refusal(to: date, basis: str = "批复") -> str:
        with pytest.raises(TermRefused) as refused:
            extend_term(term, to=to, basis=basis, on=ON, by=house.staff)
        return str(refused.value)

    limits = "延期须在届满之后、最多一年：请填 2027-03-08 之后至 2028-03-08 的日期。"
    assert refusal(date(2028, 3, 9)) == refusal(date(2027, 3, 8)) == limits
    assert refusal(date(2028, 3, 8), " ") == "延期须经上级党组织批准，请填写批复文号或日期。"
    extend_term(term, to=date(2028, 3, 8), basis=" 批复 ", on=ON, by=house.staff)
    assert (term.runs_until, term.extension_basis) == (date(2028, 3, 8), "批复")
    assert refusal(date(2028, 3, 8)) == "本届任期已延期至 2028-03-08，不能再次延期。"


def seats(group: PartyGroup) -> list[tuple[str, bool, date, date | None]]:
    return list(group.seats.order_by("pk").values_list("member__name", "leads", "since", "until"))


def test_a_party_group_lives_and_ends(house: House) -> None:
    group = add_party_group(
        house.br03, name="第一党小组", since=date(2026, 1, 1), by=house.staff, leader=house.ours
    )
    second = make_member(house.br03)
    change_party_group(group, name="一组", on=ON, by=house.staff, leader=second, members=[house.ours, second])
    assert (group.name, seats(group)) == (
        "一组",
        [
            ("雷彩霞", True, date(2026, 1, 1), ON),
            ("雷彩霞", False, ON, None),
            (second.name, True, ON, None),
        ],
    )
    end_party_group(group, on=ON, by=house.staff)
    assert seats(group) == [("雷彩霞", True, date(2026, 1, 1), ON)]
    with pytest.raises(GroupRefused) as refused:
        end_party_group(group, on=ON, by=house.staff)
    assert str(refused.value) == "“一组”已于 2026-11-22 撤销。"
    assert events() == [
        "branches.party_group_added",
        "branches.party_group_changed",
        "branches.party_group_ended",
    ]


def test_a_party_group_holds_people_of_its_branch_only(house: House) -> None:
    def refusal(organisation: Organisation, **fields: Any) -> str:
        with pytest.raises(GroupRefused) as refused:
            add_party_group(organisation, **{"name": "一组", "since": ON, "by": house.staff, **fields})
        return str(refused.value)

    assert refusal(house.br03, members=[house.theirs]) == ("谢建平当时不是“红土坡党支部”的党员，请重新选择。")
    assert refusal(house.general) == "党小组设在党支部之内，请选择党支部。"
    assert refusal(house.br03, name=" ") == "请填写党小组名称。"
    group = add_party_group(house.br03, name="一组", since=ON, by=house.staff)
    assert refusal(house.br03) == "“红土坡党支部”已有名为“一组”的党小组，请换一个名称。"
    with pytest.raises(GroupRefused) as refused:
        end_party_group(group, on=date(2026, 1, 1), by=house.staff)
    assert str(refused.value) == "撤销日期不能早于成立日期 2026-11-22。"
