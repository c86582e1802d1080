"""Small functions, small files: the budgets of the house."""

import ast
from statistics import median

from tests.architecture.tree import ROOT, functions, name_of, source_files


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{name_of(file)}:{node.name} {length(node)}"
        for file in source_files()
        for node in functions(file)
        if length(node) > 50
    ]
    assert long == []


def test_median_function_is_at_most_8_lines() -> None:
    lengths = [length(node) for file in source_files() for node in functions(file)]
    assert len(lengths) > 100
    assert median(lengths) <= 8


def test_no_file_is_longer_than_400_lines() -> None:
    files = {name_of(f): len(f.read_text("utf-8").splitlines()) for f in source_files()}
    assert {name: n for name, n in files.items() if n > 400} == {}


def test_views_are_at_most_20_lines() -> None:
    views = [
        file
        for file in source_files()
        if file.name == "views.py" or (file.parent.name == "views" and file.name != "__init__.py")
    ]
    long = [
        f"{name_of(file)}:{node.name} {length(node)}"
        for file in views
        for node in functions(file)
        if node.args.args and node.args.args[0].arg == "request" and length(node) > 20
    ]
    assert long == []


def test_base_templates_are_at_most_150_lines() -> None:
    bases = sorted((ROOT / "templates").glob("base*.html"))
    assert bases
    assert {b.name: n for b in bases if (n := len(b.read_text("utf-8").splitlines())) > 150} == {}
