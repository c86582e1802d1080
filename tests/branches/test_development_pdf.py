"""The list of one person's papers: its rows, its file, its trace."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from audit.models import AuditEvent
from branches.actions.development_dossier import export_dossier
from branches.models import DevelopmentCase
from branches.queries.development_dossier import MISSING, NOT_DONE, PRESENT, dossier_of
from tests.branches.conftest import House
from tests.factories.branches import make_member
from tests.factories.development import DAYS, TODAY, make_case

HOSTILE = "<script>坏名</script>"


@pytest.fixture
def case(house: House) -> DevelopmentCase:
    house.committee.approves_members = True
    house.committee.save()
    people = [house.ours, make_member(house.br03)]
    return make_case(house.br03, upto=13, committee=house.committee, people=people, name="陶小芸")


def test_a_step_without_its_paper_is_missing_and_one_not_taken_is_not(case: DevelopmentCase) -> None:
    case.steps.filter(number=2).update(document="")
    case.steps.create(number=6, done_on=date(2024, 8, 15), document="登记表第二页")
    dossier = dossier_of(case, on=TODAY)
    rows = {row.number: row for row in dossier.rows}
    assert list(rows) == list(range(1, 26))
    assert (rows[1].required, rows[1].days, rows[1].document, rows[1].state) == (
        "入党申请书",
        "2023-03-01",
        "有",
        PRESENT,
    )
    assert (rows[2].state, rows[14].state, rows[10].document, rows[10].state) == (
        MISSING,
        NOT_DONE,
        "",
        PRESENT,
    )
    assert (rows[6].days, rows[6].document) == ("2024-02-20 2024-08-15", "有、登记表第二页")
    assert rows[8].name == "报上级党委备案"
    assert dossier.sentence == "共 25 步，已办 13 步，其中缺材料 1 步；未办 12 步。"


def test_a_corrected_step_is_not_on_the_list(case: DevelopmentCase) -> None:
    case.steps.filter(number=13).update(corrected_at="2026-11-20T00:00Z", correction_reason="没有办")
    assert {row.number: row.state for row in dossier_of(case, on=TODAY).rows}[13] == NOT_DONE


def text_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def test_the_file_holds_the_table_the_signatures_and_its_pages(case: DevelopmentCase, house: House) -> None:
    case.steps.filter(number=2).update(document="")
    pages = text_of(export_dossier(case, by=house.worker, on=TODAY))
    box = PdfReader(BytesIO(export_dossier(case, by=house.worker, on=TODAY))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)
    text = "\n".join(pages)
    for words in ("发展党员材料清单", "姓名：陶小芸", "党支部：红土坡党支部", "整理人：", "审核人："):
        assert words in text
    assert "共25步，已办13步，其中缺材料1步；未办12步。" in text
    first = next(line for line in text.splitlines() if "入党申请书 2023-03-01" in line)
    assert first.split() == ["1", "递交入党申请书", "入党申请书", "2023-03-01", "有", "齐"]
    second = next(line for line in text.splitlines() if line.startswith("2 "))
    assert second.split()[-1] == "缺"
    assert [f"第{n}页 / 共{len(pages)}页" in page for n, page in enumerate(pages, 1)] == [True] * len(pages)
    assert len(pages) == 2


def test_the_official_faces_are_used(case: DevelopmentCase, house: House) -> None:
    page = PdfReader(BytesIO(export_dossier(case, by=house.worker, on=TODAY))).pages[0]
    fonts = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]  # a page has fonts
    assert any("Serif" in name or "FangSong" in name or "FandolFang" in name for name in fonts)


def test_hostile_names_stay_text(case: DevelopmentCase, house: House) -> None:
    case.member.name = HOSTILE
    case.member.save()
    case.steps.filter(number=1).update(document="<b>=1+1</b>")
    text = "".join(text_of(export_dossier(case, by=house.worker, on=TODAY))).replace("\n", "")
    assert "<script>坏名</script>" in text
    assert "<b>=1+1</b>" in text


def test_the_export_is_written_down(case: DevelopmentCase, house: House) -> None:
    export_dossier(case, by=house.worker, on=TODAY)
    event = AuditEvent.objects.get(event="branches.development_dossier_exported")
    assert (event.by, event.target_name) == (house.worker, "陶小芸")
    assert event.detail == {"case": case.pk, "as_of": "2026-11-22", "rows": 25, "missing": 0}


def test_the_list_says_the_day_of_a_review_that_is_secret(case: DevelopmentCase) -> None:
    row = next(row for row in dossier_of(case, on=TODAY).rows if row.number == 10)
    assert (row.days, row.required) == (f"{DAYS[10]:%Y-%m-%d}", "政治审查结论性材料")
