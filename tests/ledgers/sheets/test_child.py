"""The child process: killed, looping or out of memory, it ends with a sentence and leaves nobody behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledgers import processes
from ledgers.processes import ChildTooSlowError, ended_child
from ledgers.sheets import reading
from ledgers.sheets.cells import WorkbookRefused
from ledgers.sheets.limits import SheetLimits
from ledgers.sheets.marking import with_error_column
from ledgers.sheets.reading import read_sheets
from tests.architecture.tree import ROOT, source_files
from tests.ledgers.sheets.books import book_of

SLOW = "读取这个文件用的时间太长，已经停止。请只留下需要导入的表格，另存为新的 .xlsx 文件后再上传。"
STOPPED = "读取没有完成，已经停止。请在 Excel 或 WPS 中打开，另存为新的 .xlsx 文件后再上传。"
MEMORY = "文件里的内容太多，读取时内存不够。请只留下需要导入的表格，或分成几个文件上传。"
GOOD = book_of(["姓名"], ["张三"])
LOOP = "while True: pass"
NAP = "import time; time.sleep(600)"
DIE = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
LIMITED = "from ledgers.processes import limit; limit(memory=1 << 30, cpu={cpu}, wall={wall})\n"


@pytest.fixture
def child_pid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Child":
    return Child(tmp_path / "pid", monkeypatch)


class Child:
    """Puts another program in the place of the reader and remembers its process."""

    def __init__(self, note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._note, self._monkeypatch = note, monkeypatch

    def runs(self, code: str) -> None:
        program = f"import os; open({str(self._note)!r}, 'w').write(str(os.getpid()))\n{code}"
        self._monkeypatch.setattr(reading, "_command", lambda: [sys.executable, "-c", program])

    @property
    def has_begun(self) -> bool:
        return self._note.exists() and self._note.read_text() != ""

    @property
    def is_gone(self) -> bool:
        return not Path(f"/proc/{self._note.read_text()}").exists()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (LOOP, SLOW),
        (NAP, SLOW),
        (LIMITED.format(cpu=1, wall=0) + LOOP, SLOW),
        (LIMITED.format(cpu=60, wall=1) + NAP, SLOW),
        (DIE, STOPPED),
        ("raise SystemExit(3)", STOPPED),
        ("pass", STOPPED),
        ('print(\'{"sheet":"a","skipped":"","date_1904":false}\')', STOPPED),
    ],
    ids=["looping", "sleeping", "cpu limit", "wall limit", "killed", "failed", "silent", "without end"],
)
def test_a_child_that_does_not_come_back_ends_with_a_sentence(
    child_pid: Child, code: str, sentence: str
) -> None:
    child_pid.runs(code)
    with pytest.raises(WorkbookRefused) as caught:
        read_sheets(GOOD, limits=SheetLimits(seconds=30 if "limit(" in code else 1))
    assert str(caught.value) == sentence
    assert child_pid.is_gone


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(NAP, SLOW), (DIE, STOPPED), ("pass", STOPPED)],
    ids=["sleeping", "killed", "silent"],
)
def test_the_way_back_ends_with_a_sentence_too(child_pid: Child, code: str, sentence: str) -> None:
    child_pid.runs(code)
    with pytest.raises(WorkbookRefused) as caught:
        with_error_column(GOOD, {"Sheet1": {2: "错"}}, limits=SheetLimits(seconds=1))
    assert str(caught.value) == sentence
    assert child_pid.is_gone


def test_a_watcher_that_stops_the_work_leaves_no_child(child_pid: Child) -> None:
    class Stopped(Exception):
        pass

    def stop(rows: int) -> None:
        if child_pid.has_begun:
            raise Stopped

    child_pid.runs(NAP)
    with pytest.raises(Stopped):
        read_sheets(GOOD, tick=stop)
    assert child_pid.is_gone


def test_too_little_memory_is_said() -> None:
    content = book_of(*([["长" * 1000 + str(at)] for at in range(4000)]))
    with pytest.raises(WorkbookRefused) as caught:
        with_error_column(content, {"Sheet1": {2: "错"}}, limits=SheetLimits(memory_mb=40))
    assert (caught.value.code, str(caught.value)) == ("memory", MEMORY)


def test_more_output_than_allowed_is_stopped() -> None:
    with pytest.raises(WorkbookRefused) as caught:
        read_sheets(GOOD, limits=SheetLimits(output_mb=0))
    assert str(caught.value) == STOPPED


def test_the_child_ends_itself_when_nobody_waits() -> None:
    """The wall clock of `limit` holds even when the parent was killed."""
    code = LIMITED.format(cpu=60, wall=1) + NAP
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=30)
    assert done.returncode == -signal.SIGALRM


def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "PERSONAL_DATA_KEYS"):
        monkeypatch.setenv(name, "known-only-to-the-portal")
    code = "import os; print(sorted(os.environ))"
    with ended_child([sys.executable, "-c", code], [], seconds=30, watch=lambda lines: None) as ended:
        seen = set(re.findall(r"'(\w+)'", ended.output.read().decode()))
    assert seen - {*processes._KEPT_VARIABLES, "PYTHONUTF8", "LC_CTYPE"} == set()


def test_the_child_knows_no_django_and_no_openpyxl() -> None:
    code = (
        "import sys, ledgers.sheets.child; loaded = {name.split('.')[0] for name in sys.modules}; "
        "print(loaded & {'django', 'openpyxl', 'numpy', 'branches'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_xml_part_goes_through_the_one_guarded_door() -> None:
    """No other module of the package imports an XML parser; splicing walks over what the door let in."""
    doors = re.compile(r"^(?:from|import) (?:xml\.(?!sax\.saxutils)\S+|defusedxml)", re.M)
    users = {
        file.name
        for file in source_files()
        if file.parent.name == "sheets" and doors.search(file.read_text("utf-8"))
    }
    assert users == {"xml_events.py", "splice.py", "child.py"}


def test_too_slow_is_an_error_of_its_own() -> None:
    with (
        pytest.raises(ChildTooSlowError),
        ended_child([sys.executable, "-c", NAP], [], seconds=0.5, watch=lambda lines: None),
    ):
        raise AssertionError("a child that sleeps has not ended")


def test_no_process_is_left() -> None:
    """A reader that is told to stop at once is dead when the caller hears of it; none of ours still runs."""

    class Stopped(Exception):
        pass

    def stop(rows: int) -> None:
        raise Stopped

    for _ in range(3):
        with pytest.raises(Stopped):
            read_sheets(GOOD, tick=stop)
    assert [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and is_our_reader(entry)] == []


def is_our_reader(entry: Path) -> bool:
    try:
        parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        return parent == os.getpid() and b"ledgers.sheets.child" in (entry / "cmdline").read_bytes()
    except OSError:
        return False
