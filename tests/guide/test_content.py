"""The texts of help and tours: complete, true in their references, plain and polite."""

import re
from pathlib import Path
from typing import Any

import lucide
import pytest
import yaml
from django.urls import get_resolver, reverse

from branches.rules import GrantKind, Role
from guide.queries import DATA, all_entries, all_tours
from guide.rules import Entry, Tour, WrongShape, entries_of, tours_of
from guide.screens import may_open, views_below
from reminders.permissions import BRANCH_ROLES

# Nothing to explain: public pages, answers to a button, parts of a page, redirects, files.
NO_SCREEN = {
    "accounts:large_text",
    "accounts:login",
    "accounts:logout",
    "admin_logout",
    "factors:factor_codes_confirm",
    "personal:correction_recall",
    "accounts:session_end",
    "accounts:sessions_end",
    "admin_login",
    "admin_password_change",
    "box:letter_write",
    "box:receipt_look",
    "box:survey",
    "box:survey_done",
    "box:wall",
    "branches:calendar_remove",
    "branches:development_dossier",
    "branches:election_step_take_back",
    "branches:joint_accept",
    "branches:joint_cancel",
    "branches:joint_start",
    "branches:roster_again",
    "branches:roster_commit",
    "branches:roster_discard",
    "branches:roster_errors",
    "branches:roster_export",
    "branches:roster_progress",
    "branches:roster_restart",
    "branches:roster_template",
    "branches:start",
    "burden:duty_excerpt",
    "burden:load_card",
    "burden:measure_card",
    "burden:measure_drop",
    "burden:measure_pdf",
    "burden:measure_value_take",
    "burden:scheme_retire",
    "burden:survey_pdf",
    "burden:visit_copy",
    "burden:visit_drop",
    "burden:visit_link",
    "burden:visit_merge",
    "dashboards:brief_drop",
    "dashboards:brief_pdf",
    "dashboards:brief_renew",
    "dashboards:brief_restore",
    "errorbank:entry_export",
    "errorbank:finding_start",
    "errorbank:inspection_notice",
    "errorbank:practice_rate",
    "feed_calendar",
    "guide:help_here",
    "guide:tour_done",
    "healthz",
    "healthz_jobs",
    "incentives:objection_told",
    "landing",
    "ledgers:export_again",
    "ledgers:job_cancel",
    "ledgers:job_download",
    "ledgers:job_restart",
    "ledgers:job_start",
    "ledgers:ledger_export",
    "notices:channel_pause",
    "notices:channel_try",
    "notices:choice_edit",
    "notices:failed_retry",
    "notices:message_read_all",
    "notices:unread_count",
    "papers:sample_download",
    "papers:template_download",
    "reminders:handover_confirm",
    "reminders:handover_mentor",
    "reminders:handover_newcomer",
    "reminders:handover_note",
    "reminders:item_register",
    "reminders:item_undo",
    "reminders:material_download",
    "reminders:material_remove",
    "reminders:pack_of_session",
    "reminders:task_item",
    "training:card_from_entry",
    "training:card_publish",
    "training:card_retire",
    "training:card_start",
    "training:contest_close",
    "training:contest_finish",
    "training:contest_open",
    "training:contest_publish",
    "training:contest_start",
    "training:help_ask",
    "training:help_close",
    "training:judge_drop",
    "training:output_credit",
    "training:output_submit",
    "training:output_unuse",
    "training:rotation_back",
    "training:rotation_check",
    "training:rotation_hand_in",
    "training:rotation_publish",
    "training:rotation_replan",
    "training:rotation_sign",
    "training:rotation_unpair",
    "training:session_reopen",
    "training:work_withdraw",
}
ENTRIES = list(all_entries().values())
FILES = sorted((DATA / "help").glob("*.yaml"))
# Words of other alphabets that stand on keys, files and paper as they are.
FOREIGN = {"App", "Excel", "Word", "PDF", "MB", "Esc", "Tab", "Wi", "Fi"}
BLAME = re.compile(
    "你|必须认真|责任心|不负责|疏忽|马虎|偷懒|敷衍|失职|追责|问责|处罚|批评|怎么能|早就应该|自己的错"
)
LONGEST_STEP, LONGEST_ANSWER, LONGEST_PURPOSE, MOST_STEPS, MOST_QUESTIONS = 64, 120, 60, 6, 6

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.code for entry in ENTRIES])
every_tour = pytest.mark.parametrize("tour", all_tours(), ids=[tour.code for tour in all_tours()])


def screens() -> set[str]:
    return {name for name, _ in views_below(get_resolver()) if not name.startswith("admin:")}


def test_every_screen_of_the_portal_is_explained_once() -> None:
    explained = [screen for entry in ENTRIES for screen in entry.screens]
    assert len(explained) == len(set(explained))
    assert sorted(screens() - NO_SCREEN - set(explained)) == []
    assert sorted((set(explained) | NO_SCREEN) - screens()) == []
    assert sorted(set(explained) & NO_SCREEN) == []


def test_codes_name_one_entry_each_and_never_another_page() -> None:
    codes = [raw["code"] for file in FILES for raw in yaml.safe_load(file.read_text("utf-8"))["entries"]]
    assert len(codes) == len(set(codes)) == len(ENTRIES)
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z_]*", code)] == []
    assert {"here", "tour"} & set(codes) == set()


@every_entry
def test_an_entry_explains_screens_or_says_that_it_is_general(entry: Entry) -> None:
    assert bool(entry.screens) is not entry.general


@every_entry
def test_what_an_entry_points_at_exists(entry: Entry) -> None:
    assert [code for code in entry.see_also if code not in all_entries()] == []
    assert entry.code not in entry.see_also
    assert lucide._render_icon(entry.area.icon, 20)


@every_entry
def test_whoever_is_named_may_open_what_is_explained(entry: Entry) -> None:
    """Who is named for a screen gets it; a return is read by the branch and made by staff."""
    if entry.code == "item_return":
        assert entry.roles >= {Role.WORKER, Role.GENERAL_BRANCH_STAFF}
        return
    assert [h for h in entry.roles for s in entry.screens if not may_open(s, frozenset({h}))] == []


@every_entry
def test_an_entry_is_short(entry: Entry) -> None:
    answers = [question.answer for question in entry.questions]
    assert 1 <= len(entry.steps) <= MOST_STEPS
    assert len(answers) <= MOST_QUESTIONS
    assert [step for step in entry.steps if len(step) > LONGEST_STEP] == []
    assert [answer for answer in answers if len(answer) > LONGEST_ANSWER] == []
    assert len(entry.purpose) <= LONGEST_PURPOSE


@every_entry
def test_an_entry_is_plain_chinese_and_never_blames(entry: Entry) -> None:
    text = " ".join((entry.title, entry.said, *entry.words, *entry.basis))
    assert set(re.findall(r"[A-Za-z]+", text)) - FOREIGN == set()
    assert BLAME.findall(text) == []
    assert re.findall(r"[,;:!?()]", text) == []
    ends = [text[-1] for text in (entry.purpose, *entry.steps, *(q.answer for q in entry.questions))]
    assert set(ends) == {"。"}
    assert [q.ask for q in entry.questions if not q.ask.endswith(("？", "怎么办", "意思"))] == []


@every_tour
def test_a_tour_is_three_to_five_steps_its_people_can_take(tour: Tour) -> None:
    assert 3 <= len(tour.steps) <= 5
    for step in tour.steps:
        assert reverse(step.screen).startswith("/w/")
        assert [holder for holder in tour.roles if not may_open(step.screen, frozenset({holder}))] == []
        assert lucide._render_icon(step.icon, 28)
        assert len(step.text) <= LONGEST_STEP
    text = " ".join((tour.title, tour.lead, *(f"{step.title} {step.text}" for step in tour.steps)))
    assert set(re.findall(r"[A-Za-z]+", text)) - FOREIGN == set()
    assert BLAME.findall(text) == []


def test_every_role_has_a_tour_and_only_a_leaver_has_none() -> None:
    toured = frozenset().union(*(tour.roles for tour in all_tours()))
    assert toured == {*Role, *GrantKind} - {GrantKind.HANDOVER}
    assert sum(len(tour.roles) for tour in all_tours()) == len(toured)


def test_a_role_finds_the_help_of_its_screens_without_being_named() -> None:
    assert all(may_open("reminders:month_list", frozenset({role})) for role in BRANCH_ROLES)
    assert not may_open("reminders:task_add", frozenset({Role.WORKER}))
    assert may_open("accounts:profile", frozenset())


ENTRY: dict[str, Any] = {
    "code": "a",
    "title": "题",
    "purpose": "一句。",
    "screens": [],
    "steps": ["做。"],
    "questions": [],
    "see_also": [],
}
AREA = {"code": "x", "title": "类", "icon": "check"}


@pytest.mark.parametrize(
    ("entry", "trouble"),
    [
        ({k: v for k, v in ENTRY.items() if k != "title"}, "a lacks ['title']"),
        ({**ENTRY, "colour": 1}, "a has unknown ['colour']"),
        ({**ENTRY, "roles": ["king"]}, "no role or grant is called king"),
        ({**ENTRY, "questions": [{"ask": "问？"}]}, "a lacks ['answer']"),
    ],
)
def test_a_file_in_another_shape_is_refused(entry: dict[str, Any], trouble: str) -> None:
    assert [e.code for e in entries_of({"area": AREA, "entries": [ENTRY]})] == ["a"]
    with pytest.raises(WrongShape) as refused:
        entries_of({"area": AREA, "entries": [entry]})
    assert str(refused.value) == trouble


def test_a_tour_in_another_shape_is_refused() -> None:
    with pytest.raises(WrongShape) as refused:
        tours_of({"tours": [{"code": "t", "title": "题", "lead": "句。", "roles": [], "steps": [{}]}]})
    assert str(refused.value) == "t lacks ['icon', 'screen', 'text', 'title']"


def test_help_is_shipped_as_data_alone() -> None:
    assert {Path(file).suffix for file in DATA.rglob("*") if file.is_file()} == {".yaml"}
