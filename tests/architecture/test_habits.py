"""Habits the house refuses: signals, hidden effects, loose foreign keys, named hosts."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import models

from tests.architecture.tree import APPS, ROOT, name_of, parsed, source_files

# Without those that tests have made up.
OUR_MODELS = [
    m for m in apps.get_models() if m._meta.app_label in APPS and not m.__module__.startswith("tests.")
]


def imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_signal_receivers() -> None:
    found = [
        name_of(file)
        for file in source_files()
        for name in imported_names(file)
        if "signals" in name or name == "django.dispatch.receiver"
    ]
    assert found == []


def test_only_views_tasks_and_commands_ask_which_day_it_is() -> None:
    # timezone.now() is not watched: the moment at which a row is written is a stamp, no rule hangs on it.
    # Given a moment the others ask nothing: they say a given moment in the portal's zone.
    clocks = {"localdate", "today", "localtime"}
    allowed = (
        "views",
        "views.py",
        "tasks.py",
        "commands",
        "access.py",
        "context_processors.py",
        "middleware.py",
    )
    found = []
    for file in source_files():
        if any(part in allowed for part in file.parts):
            continue
        for node in ast.walk(parsed(file)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in clocks
                and not node.args
            ):
                found.append(f"{name_of(file)}:{node.lineno}")
    assert found == []


def test_no_model_orders_by_default_and_every_relation_has_a_name() -> None:
    assert [m.__name__ for m in OUR_MODELS if m._meta.ordering] == []
    unnamed = [
        f"{model.__name__}.{field.name}"
        for model in OUR_MODELS
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey | models.OneToOneField)
        and field.remote_field.related_name is None
    ]
    assert unnamed == []


def test_no_save_is_overridden_with_effects() -> None:
    # Append-only tables refuse a second save; that is a guard, not an effect.
    assert sorted(m.__name__ for m in OUR_MODELS if "save" in m.__dict__) == ["SignIn"]


def test_no_forbidden_file_names() -> None:
    refused = {"utils.py", "helpers.py", "common.py", "services.py"}
    assert [name_of(file) for file in source_files() if file.name in refused] == []


def test_no_registry_host_or_machine_path_is_named() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    hosts = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|debian)\b")
    found = []
    for name in tracked:
        file = ROOT / name
        if not name or file.suffix in {".png", ".otf", ".ico"} or not file.is_file():
            continue
        if hosts.search(file.read_text("utf-8", errors="replace")):
            found.append(name)
    assert found == []


def test_templates_hold_no_inline_script_or_style() -> None:
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son(click|load|change|submit)=", re.I)
    # The PDF page is no web page: its one style element is read by the renderer, under no CSP.
    templates = [t for t in sorted((ROOT / "templates").rglob("*.html")) if not t.name.endswith("_pdf.html")]
    assert templates
    assert [str(t.relative_to(ROOT)) for t in templates if inline.search(t.read_text("utf-8"))] == []
