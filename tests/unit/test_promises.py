"""Every promise names the test that holds it: which modules must, and that each test that is named is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("runtime", "actors", "cluster", "tests", "bench")
HELD = re.compile(r"^Held by ((?:(?!\n\n).)+)", re.DOTALL | re.MULTILINE)
PROMISE = re.compile(r"\bpromises?:", re.IGNORECASE)
TEST = re.compile(r"[\w./-]*\btest_\w+\.py(?:::\w+)?")

# Ports, plain data and migrations: they say what things are called and promise nothing that could break.
PROMISES_NOTHING = {
    "runtime/client.py",
    "runtime/clock.py",
    "runtime/limits.py",
    "runtime/random.py",
}


def test_every_module_of_the_runtime_names_what_holds_its_promises() -> None:
    modules = [path for path in (ROOT / "runtime").rglob("*.py") if "versions" not in path.parts]
    silent = {str(path.relative_to(ROOT)) for path in modules if _text(path) and not _held(_text(path))}

    assert silent == PROMISES_NOTHING


def test_every_module_that_says_promises_names_what_holds_them() -> None:
    assert [name for name, text in _modules("runtime", "actors", "cluster") if _unheld(text)] == []


def test_every_test_that_is_named_anywhere_is_there() -> None:
    wrong = {where: missing for where, text in _everything() if (missing := _missing(text, ROOT))}

    assert wrong == {}


@pytest.mark.parametrize(
    ("docstring", "wrong"),
    [
        ("A thing.\n\nPromises: it works.", True),
        ("A thing. Promise: it works.\n\nHeld by good will.", True),
        ("A thing.\n\nPromises: it works.\n\nHeld by tests/unit/test_x.py.", False),
        ("A thing that promises nothing by name.", False),
    ],
)
def test_a_promise_without_a_test_is_found(docstring: str, wrong: bool) -> None:
    assert _unheld(docstring) is wrong


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Held by tests/unit/test_x.py.", []),
        ("Held by tests/unit/test_x.py::test_it_holds and\ntests/unit/test_x.py::test_also_in_a_class.", []),
        ("Held by tests/unit/test_y.py.", ["tests/unit/test_y.py"]),
        ("Held by test_x.py, without its folder.", ["test_x.py"]),
        ("See `tests/unit/test_x.py::test_it_held`.", ["tests/unit/test_x.py::test_it_held"]),
        ("See tests/unit/test_x.py::it_holds, which is no test.", ["tests/unit/test_x.py::it_holds"]),
    ],
)
def test_a_test_that_is_not_there_is_found(text: str, missing: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "unit"
    folder.mkdir(parents=True)
    tests = "def it_holds(): ...\ndef test_it_holds(): ...\nclass TestX:\n    async def test_also_in_a_class(self): ..."
    (folder / "test_x.py").write_text(tests)

    assert _missing(text, tmp_path) == missing


def _text(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def _modules(*packages: str) -> Iterator[tuple[str, str]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), _text(path)


def _everything() -> Iterator[tuple[str, str]]:
    """Every docstring of the repository's Python, and its Markdown."""
    for package in CODE:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path != Path(__file__):
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                        yield str(path.relative_to(ROOT)), ast.get_docstring(node) or ""
        for path in sorted((ROOT / package).rglob("*.md")):
            yield str(path.relative_to(ROOT)), path.read_text()
    for path in sorted(ROOT.glob("*.md")):
        yield path.name, path.read_text()


def _held(text: str) -> list[str]:
    """The tests that the docstring's "Held by" names."""
    found = HELD.search(text)
    return TEST.findall(found[1]) if found else []


def _unheld(text: str) -> bool:
    return bool(PROMISE.search(text)) and not _held(text)


def _missing(text: str, root: Path) -> list[str]:
    return [name for name in TEST.findall(text) if not _is_there(name, root)]


def _is_there(name: str, root: Path) -> bool:
    path, _, test = name.partition("::")
    file = root / path
    if not (path.startswith("tests/") and file.is_file()):
        return False
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    defined = {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, functions)}
    return not test or (test.startswith("test_") and test in defined)
