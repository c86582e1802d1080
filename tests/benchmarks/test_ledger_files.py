"""Ledgers as files, way beside way in one run: time and peak memory: `./dev bench`."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.services import ROOT

EXCEL_ROWS, PDF_ROWS = 100_000, 1_000
# Reported, not asserted: speed belongs to the machine. Times are CPU, as others may use it too.
MOST_TIMES_FLOOR = 1.5
# They were measured for a decision (docs/adr/0016) and are no part of the product.
GUESTS = {"xlsxwriter": "xlsxwriter", "rustpy": "rustpy_xlsxwriter"}


def measure(way: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.ledger_files", way, str(rows)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    sys.stdout.write(f"\n{way}, {rows} rows: {json.dumps(found)}")
    return found


def test_excel_of_many_rows() -> None:
    lowest = measure("floor", EXCEL_ROWS)
    for way in ("ours", "openpyxl", "xlsxwriter", "rustpy"):
        if way in GUESTS and importlib.util.find_spec(GUESTS[way]) is None:
            sys.stdout.write(f"\n{way}: not installed")
            continue
        times = measure(way, EXCEL_ROWS)["cpu_seconds"] / lowest["cpu_seconds"]
        sys.stdout.write(f"\n{way}: {times:.1f} times the floor, aim {MOST_TIMES_FLOOR}")
    few, many = (measure("ours", rows)["memory_mb"] for rows in (1_000, EXCEL_ROWS))
    sys.stdout.write(f"\nours: {many - few:.0f} MB more for {EXCEL_ROWS} rows than for 1000\n")


@pytest.mark.parametrize("way", ["weasyprint", "typst"])
def test_pdf_of_a_thousand_rows(way: str) -> None:
    measure(way, PDF_ROWS)
    sys.stdout.write("\n")


def test_memory_of_a_long_pdf() -> None:
    for rows in (2_000, 20_000):
        measure("typst", rows)
    sys.stdout.write("\n")
