"""The product's own source files, as the architecture tests read them."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "partyaffairs",
    "backups",
    "personal",
    "dashboards",
    "incentives",
    "burden",
    "reminders",
    "training",
    "errorbank",
    "records",
    "papers",
    "factors",
    "notices",
    "guide",
    "branches",
    "ledgers",
    "jobs",
    "audit",
    "accounts",
    "periods",
)


@cache
def source_files() -> tuple[Path, ...]:
    """Every Python file of the product, without tests and migrations."""
    files = (file for app in APPS for file in (ROOT / app).rglob("*.py"))
    return tuple(sorted(file for file in files if "migrations" not in file.parts))


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(parsed(file)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))
