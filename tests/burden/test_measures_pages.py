"""The pages of measures: who reads, who edits, what is refused, how many statements, what the paper says."""

import re
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.rules import OrganisationKind, Role
from burden.actions.measure_values import ValueData, add_value
from burden.actions.measures import adopt_entries, close_list, draft_list, issue_list
from burden.box.limits import Outcome
from burden.models import BoxAnswer, MeasureEntry, MeasureList, MeasureValue
from burden.rules.measures_vocabulary import ListState, ValueSource
from periods.months import Month
from tests.burden.measure_scene import (
    NOW,
    OCTOBER,
    YEAR,
    House,
    make_house,
    make_issued,
    make_scheme,
    make_value,
    measure_of,
)
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.reminders.scene import HOSTILE, ON

pytestmark = pytest.mark.django_db
LIST = "/w/burden/"
ENTRY = {
    "name": "少发报表",
    "doing": "能导出的不再另填。",
    "owner": "党建办",
    "indicator": "每月报表份数",
    "formula": "当月要求支部填报的报表份数",
    "unit": "份",
    "baseline": "8",
    "direction": "at_most",
    "target": "2",
    "deadline": "2026-12-31",
    "cadence": "monthly",
    "basis": "本单位做法\n《某规定》第三部分（待核实）",
}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return make_house(monkeypatch)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def words_of(answer: Any) -> str:
    """Without any space: tags stand between words that a reader sees apart."""
    return re.sub(r"\s", "", strip_tags(answer.content.decode()))


def draft_of(house: House) -> MeasureList:
    return draft_list(house.scene.general, year=YEAR, by=house.scene.staff, note="加一条")


# --- who reads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["worker", "staff", "overseer"])
def test_everybody_of_the_house_reads_the_issued_list(house: House, client: Client, who: str) -> None:
    make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    text = words_of(signed_in(client, getattr(house.scene, who)).get(LIST))
    assert "2026年为基层减负措施清单" in text
    assert "2026年10月36%比起点降了24个百分点" in text
    assert "目标不高于30%" in text
    assert ("起草新版" in text) is (who == "staff")


def test_inspectors_and_every_role_read_it_too(house: House, client: Client) -> None:
    for role in (Role.SECRETARY, Role.DEPUTY_SECRETARY):
        answer = signed_in(client, make_holder(house.scene.first, role)).get(LIST)
        assert answer.context["page"].shown == house.list


def test_others_do_not_see_it_and_nobody_without_a_post(house: House, client: Client) -> None:
    signed_in(client, house.scene.foreign_staff)
    assert "还没有印发减负措施清单" in words_of(client.get(LIST))
    for address in (
        f"{LIST}?list={house.list.pk}",
        reverse("burden:measure_detail", args=[house.measure.pk]),
        reverse("burden:measure_pdf", args=[house.list.pk]),
    ):
        assert client.get(address).status_code == 404
    assert signed_in(client, make_user()).get(LIST).status_code == 403


def test_a_draft_is_for_those_who_write_it(house: House, client: Client) -> None:
    draft = draft_of(house)
    assert "还是草稿" in words_of(signed_in(client, house.scene.staff).get(LIST))
    signed_in(client, house.scene.worker)
    assert "草稿" not in words_of(client.get(LIST))
    assert client.get(f"{LIST}?list={draft.pk}").status_code == 404
    assert client.get(reverse("burden:measure_pdf", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("asked", ["list=x", f"list={'9' * 30}", "list=0"])
def test_a_list_that_is_none_is_not_found(house: House, client: Client, asked: str) -> None:
    assert signed_in(client, house.scene.worker).get(f"{LIST}?{asked}").status_code == 404


def test_a_number_opens_its_measures(house: House, client: Client) -> None:
    make_value(house.measure, OCTOBER, "30", by=house.scene.staff)
    answer = signed_in(client, house.scene.worker).get(f"{LIST}?status=met")
    assert [row.entry.measure.code for row in answer.context["rows"]] == ["ledger_weight_30"]
    counts = {status.value: count for status, count in answer.context["page"].counts}
    assert counts == {"met": 1, "under_way": 0, "missed": 0, "empty": 12}
    assert len(client.get(f"{LIST}?status=nonsense").context["rows"]) == 13


def test_an_earlier_version_and_a_closed_year_say_what_they_are(house: House, client: Client) -> None:
    old = make_issued(house.scene.general, by=house.scene.staff, year=YEAR - 1)
    close_list(old, note="都做到了", by=house.scene.staff, on=ON)
    issue_list(draft_of(house), document_number="", by=house.scene.staff, on=ON)
    signed_in(client, house.scene.worker)
    assert "已收尾，数值不再改动。都做到了" in words_of(client.get(f"{LIST}?list={old.pk}"))
    assert "这是旧版，已有新版印发" in words_of(client.get(f"{LIST}?list={house.list.pk}"))


@pytest.mark.parametrize("measures", [1, 3])
@pytest.mark.parametrize(("who", "statements"), [("worker", 7), ("staff", 8)])
def test_the_list_takes_as_many_statements_for_every_number_of_measures(
    house: House,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    measures: int,
    who: str,
    statements: int,
) -> None:
    draft = draft_of(house)
    adopt_entries(
        draft, adopted=list(draft.entries.values_list("pk", flat=True)[:measures]), by=house.scene.staff
    )
    issue_list(draft, document_number="", by=house.scene.staff, on=ON)
    make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    make_issued(house.scene.foreign_general, by=house.scene.foreign_staff)
    signed_in(client, getattr(house.scene, who)).get(LIST)
    with django_assert_num_queries(statements):
        answer = client.get(LIST)
    assert len(answer.context["page"].rows) == measures
    assert "外单位" not in words_of(answer)


# --- one measure ---------------------------------------------------------------------------------


def test_a_measure_shows_values_evidence_and_corrections(house: House, client: Client) -> None:
    staff = house.scene.staff
    value = make_value(house.measure, OCTOBER, "36", by=staff, evidence=HOSTILE)
    signed_in(client, staff)
    answer = client.post(
        reverse("burden:measure_value_correct", args=[value.pk]),
        {"value": "30", "evidence": "重新统计。", "reason": "漏了一项"},
    )
    assert answer["Location"] == reverse("burden:measure_detail", args=[house.measure.pk])
    page = client.get(answer["Location"])
    assert "更正原因：漏了一项。原来填36%" in words_of(page)
    assert "<script>alert" not in page.content.decode()
    assert page.context["page"].row.now == Decimal(30)
    worker = signed_in(client, house.scene.worker).get(answer["Location"])
    assert (worker.context["may_fill"], "更正原因：漏了一项" in words_of(worker)) == (False, True)


def test_evidence_is_linked_for_those_who_may_open_it(house: House, client: Client) -> None:
    counted = ValueData(Decimal(36), "按考核办法统计。", reverse("burden:scheme_list"), ValueSource.MEASURED)
    add_value(house.measure, month=OCTOBER, data=counted, by=house.scene.staff, on=ON, now=NOW)
    recipient = make_holder(house.scene.general, Role.RECIPIENT)
    address = reverse("burden:measure_detail", args=[house.measure.pk])
    links = [
        signed_in(client, who).get(address).content.decode().count("看明细</a>")
        for who in (house.scene.worker, recipient)
    ]
    assert links == [1, 0]


@pytest.mark.parametrize("values", [1, 3])
def test_a_measure_takes_as_many_statements_for_every_number_of_values(
    house: House, client: Client, django_assert_num_queries: DjangoAssertNumQueries, values: int
) -> None:
    for n in range(values):
        make_value(house.measure, OCTOBER.plus(-n), "36", by=house.scene.staff)
    address = reverse("burden:measure_detail", args=[house.measure.pk])
    signed_in(client, house.scene.worker).get(address)
    with django_assert_num_queries(7):
        client.get(address)
    make_scheme(house.scene.general, by=house.scene.staff)
    signed_in(client, house.scene.staff).get(address)
    # One more for the right to fill in, three for the portal's own count.
    with django_assert_num_queries(12):
        client.get(address)


def test_published_answers_say_what_an_opinion_brought_about(house: House, client: Client) -> None:
    address = reverse("burden:measure_detail", args=[house.measure.pk])
    signed_in(client, house.scene.worker)
    explained = BoxAnswer(
        month=OCTOBER.first, category="其他", outcome=Outcome.EXPLAINED, words="已说明", measure=house.measure
    )
    explained.save()
    assert "意见促成" not in words_of(client.get(address))
    explained.pk, explained.outcome = "another", Outcome.ADOPTED
    explained.save(force_insert=True)
    page = client.get(address)
    assert "1条意见促成" in words_of(page)
    assert 'href="/box/wall/" rel="noreferrer"' in page.content.decode()


def test_what_the_portal_counts_is_offered_and_taken_with_one_tap(house: House, client: Client) -> None:
    make_scheme(house.scene.general, by=house.scene.staff)
    signed_in(client, house.scene.staff)
    address = reverse("burden:measure_detail", args=[house.measure.pk])
    assert "系统统计2026年10月：60%" in words_of(client.get(address))
    taken = client.post(reverse("burden:measure_value_take", args=[house.measure.pk]), {"month": "2026-10"})
    assert taken["Location"] == address
    value = MeasureValue.objects.get()
    assert (value.of, value.value, value.source) == (OCTOBER, Decimal(60), ValueSource.MEASURED)
    assert "其中只看留痕的项目 60 分" in value.evidence
    assert "系统统计2026年11月：60%" in words_of(client.get(address))
    for month in ("2026-10", "2026-13", "2026-12"):
        client.post(reverse("burden:measure_value_take", args=[house.measure.pk]), {"month": month})
    assert MeasureValue.objects.count() == 1


def test_a_value_is_typed_with_its_evidence_and_nothing_typed_is_lost(house: House, client: Client) -> None:
    make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    address = reverse("burden:measure_value_add", args=[house.measure.pk])
    signed_in(client, house.scene.staff)
    form = client.get(address).context["form"]
    months = [key for key, _ in form.fields["month"].choices]
    assert ("2026-10" in months, months[0], form.initial["month"]) == (False, "2026-11", "2026-09")
    refused = client.post(address, {"month": "2026-09", "value": "-1", "evidence": "数了考核表"})
    assert (refused.status_code, "数了考核表" in refused.content.decode()) == (422, True)
    saved = client.post(address, {"month": "2026-09", "value": "45.5", "evidence": "数了考核表"})
    assert saved["Location"] == reverse("burden:measure_detail", args=[house.measure.pk])
    assert MeasureValue.objects.get(month=Month(2026, 9).first).value == Decimal("45.5")


def test_a_measure_that_is_not_in_force_takes_no_value(house: House, client: Client) -> None:
    other = measure_of(house.scene.general, "lead_time")
    draft = draft_of(house)
    answer = signed_in(client, house.scene.staff).get(reverse("burden:measure_value_add", args=[other.pk]))
    assert answer.status_code == 200
    refused = client.post(
        reverse("burden:measure_value_add", args=[other.pk]),
        {"month": "2026-10", "value": "1", "evidence": "甲"},
    )
    assert (refused.status_code, draft.is_draft) == (422, True)
    assert "没有这条措施" in words_of(refused)


# --- writing the list ----------------------------------------------------------------------------


def test_staff_draft_adopt_word_and_issue(house: House, client: Client) -> None:
    signed_in(client, house.scene.staff)
    add = reverse("burden:measure_draft_add")
    place = house.scene.general.pk
    refused = client.post(add, {"organisation": place, "year": "2026", "note": ""})
    assert (refused.status_code, "写明这一版要改什么" in words_of(refused)) == (422, True)
    made = client.post(add, {"organisation": place, "year": "2026", "note": "加一条"})
    draft = MeasureList.objects.get(state=ListState.DRAFT)
    page = reverse("burden:measure_draft", args=[draft.pk])
    assert made["Location"] == page
    assert client.post(reverse("burden:measure_entry_add", args=[draft.pk]), ENTRY)["Location"] == page
    own = MeasureEntry.objects.get(name="少发报表")
    assert own.basis == [
        {"words": "本单位做法", "verified": True},
        {"words": "《某规定》第三部分", "verified": False},
    ]
    edit = reverse("burden:measure_entry_edit", args=[own.pk])
    assert "《某规定》第三部分（待核实）" in client.get(edit).content.decode()
    wrong = client.post(edit, {**ENTRY, "deadline": "2025-12-31", "name": "少发少报"})
    assert (wrong.status_code, "少发少报" in wrong.content.decode()) == (422, True)
    assert client.post(edit, {**ENTRY, "target": "0"})["Location"] == page
    assert client.post(page, {"adopted": [own.pk]})["Location"] == page
    issue = reverse("burden:measure_issue", args=[draft.pk])
    assert "少发报表：每月报表份数不高于0份" in words_of(client.get(issue))
    assert client.post(issue, {"document_number": "党总支〔2026〕9 号"})["Location"] == LIST
    shown = client.get(LIST)
    assert [row.entry.name for row in shown.context["rows"]] == ["少发报表"]
    assert "党总支〔2026〕9号" in words_of(shown)


def test_a_draft_that_is_issued_meanwhile_is_not_changed(house: House, client: Client) -> None:
    draft = draft_of(house)
    issue_list(draft, document_number="", by=house.scene.staff, on=ON)
    signed_in(client, house.scene.staff)
    page = reverse("burden:measure_draft", args=[draft.pk])
    assert client.get(page)["Location"] == LIST
    assert (client.post(page, {"adopted": []}).status_code, draft.entries.filter(adopted=True).count()) == (
        422,
        13,
    )
    assert client.post(reverse("burden:measure_issue", args=[draft.pk]), {}).status_code == 422
    assert client.post(reverse("burden:measure_drop", args=[draft.pk]))["Location"] == LIST
    assert MeasureList.objects.filter(pk=draft.pk).exists()


def test_a_draft_is_dropped_and_a_year_closed(house: House, client: Client) -> None:
    draft, old = draft_of(house), make_issued(house.scene.general, by=house.scene.staff, year=YEAR - 1)
    signed_in(client, house.scene.staff)
    assert client.post(reverse("burden:measure_drop", args=[draft.pk]))["Location"] == LIST
    assert not MeasureList.objects.filter(pk=draft.pk).exists()
    early = client.post(reverse("burden:measure_close", args=[house.list.pk]), {"note": "都做到了"})
    assert (early.status_code, "都做到了" in early.content.decode()) == (422, True)
    assert (
        client.post(reverse("burden:measure_close", args=[old.pk]), {"note": "都做到了"})["Location"] == LIST
    )
    old.refresh_from_db()
    assert old.state == ListState.CLOSED


def edit_addresses(house: House) -> list[str]:
    draft = draft_of(house)
    value = make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    entry = draft.entries.first()
    assert entry is not None
    names = ("draft", "entry_add", "issue", "close")
    return [
        *(reverse(f"burden:measure_{name}", args=[draft.pk]) for name in names),
        reverse("burden:measure_entry_edit", args=[entry.pk]),
        reverse("burden:measure_value_add", args=[house.measure.pk]),
        reverse("burden:measure_value_correct", args=[value.pk]),
    ]


def test_only_staff_of_the_place_edit(house: House, client: Client) -> None:
    pages = edit_addresses(house)
    posts = [
        reverse("burden:measure_drop", args=[MeasureList.objects.get(state=ListState.DRAFT).pk]),
        reverse("burden:measure_value_take", args=[house.measure.pk]),
    ]
    for who, status in (("worker", 403), ("overseer", 403), ("foreign_staff", 404)):
        signed_in(client, getattr(house.scene, who))
        assert {client.get(page).status_code for page in pages} == {status}
        assert {client.post(page).status_code for page in [*pages, *posts]} == {status}
    signed_in(client, house.scene.staff)
    assert {client.get(page).status_code for page in pages} == {200}
    assert {client.get(page).status_code for page in posts} == {405}
    assert {client.delete(page).status_code for page in pages} == {405}
    reading = (LIST, reverse("burden:measure_card"), reverse("burden:measure_pdf", args=[house.list.pk]))
    assert {client.post(page).status_code for page in reading} == {405}
    assert signed_in(client, house.scene.worker).get(reverse("burden:measure_draft_add")).status_code == 403


# --- the card and the paper ----------------------------------------------------------------------


def card(client: Client, code: str) -> Any:
    return client.get(f"{reverse('burden:measure_card')}?scope={code}", headers={"HX-Request": "true"})


def test_the_card_tells_from_where_to_where(house: House, client: Client) -> None:
    make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    for who, place in ((house.scene.staff, house.scene.general), (house.scene.worker, house.scene.first)):
        text = words_of(card(signed_in(client, who), place.code))
        assert "起点60%2026年10月36%比起点降了24个百分点目标不高于30%" in text
    assert card(signed_in(client, house.scene.foreign_staff), house.scene.general.code).status_code == 404
    foreign = card(client, house.scene.foreign_general.code)
    assert "还没有印发减负措施清单" in words_of(foreign)
    assert client.get(reverse("burden:measure_card"))["Location"] == LIST


def test_the_paper_is_official_and_says_what_the_page_says(house: House, client: Client) -> None:
    for n, value in enumerate(("30", "36", "40")):
        make_value(house.measure, OCTOBER.plus(-n), value, by=house.scene.staff)
    answer = signed_in(client, house.scene.worker).get(reverse("burden:measure_pdf", args=[house.list.pk]))
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(answer.content)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for words in (
        "2026年为基层减负措施清单",
        "一、降低台账在考核中的比重",
        "起点60%（示例，待实测），目标不高于30%",
        "2026年10月为30%，达标",
        "《整治形式主义为基层减负若干规定》第三部分（待核实）",
        "2026年减负措施进度",
        "虚线：目标不高于30%",
        "十三、撤并凑数支部",
    ):
        assert words in text, words


def test_a_list_of_the_committee_is_read_by_all_below(house: House, client: Client) -> None:
    committee = house.scene.committee
    author = make_holder(committee, Role.GENERAL_BRANCH_STAFF)
    make_issued(committee, by=author)
    aside = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, parent=committee, name="另一总支")
    answer = signed_in(client, make_holder(aside, Role.GENERAL_BRANCH_STAFF)).get(LIST)
    assert answer.context["page"].shown.organisation == committee
    own = signed_in(client, house.scene.worker).get(LIST)
    assert [shown.organisation for shown in own.context["lists"]] == [house.scene.general, committee]
