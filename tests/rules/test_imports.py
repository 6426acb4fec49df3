"""Imports point one way: nothing is imported against the table, but for the exceptions that stand here by name."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What a part may import of ours beside itself. `odziv` parts by their name, the others are folders at the top.
LEAF = {"settings", "texts", "periodic", "bus"}
MAY = {
    "settings": set(),
    "texts": {"settings"},
    "periodic": set(),
    "shared": {"periodic"},
    "bus": {"periodic"},
    "store": LEAF,
    "cases": {*LEAF, "store", "kb", "bot", "actions"},
    "web": {*LEAF, "shared", "store", "cases", "kb", "bot"},
    **{
        door: {*LEAF, "store", "cases", "web", "kb", "bot"}
        for door in ("chat", "help", "desk", "mail", "push", "webhooks")
    },
    "processes": {*LEAF, "store", "cases", "kb", "bot"},
    "wiring": {*LEAF, "shared", "store", "cases", "web", "chat", "desk", "mail", "push", "webhooks", "bot"},
    "kb": set(),
    "bot": set(),
    "actions": {"kb", "texts"},
}
# These are to go, and no others are to come: module -> what it imports against the table.
STILL: dict[str, set[str]] = {}


def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name; tests, benches and server.py wire them and may use all."""
    files = [file for folder in ("odziv", "kb", "bot", "actions") for file in (ROOT / folder).rglob("*.py")]
    paths = [path for path in files if "migrations" not in path.parts and "components" not in path.parts]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


MODULES = modules()


def part_of(module: str) -> str | None:
    """Which part a module belongs to; None for what is not ours."""
    first, _, rest = module.partition(".")
    if first != "odziv":
        return first if first in MAY else None
    return "periodic" if rest == "processes.periodic" else rest.partition(".")[0]


def imported(path: Path, *, at_once: bool = False) -> Iterator[str]:
    """The modules that a file names in its imports: those inside functions too, or only those read `at_once`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def against_the_table() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        own = part_of(module)
        for name in imported(path):
            part = part_of(name)
            if part and part != own and part not in MAY[own or ""]:
                found.setdefault(module, set()).add(name)
    return found


def named(path: Path) -> set[str]:
    """The modules that a file names in its strings, to be run by themselves."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    said = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {name for name in said & MODULES.keys() if "." in name}


def test_nobody_names_in_a_string_what_they_may_not_import():
    found = {
        module: names
        for module, path in MODULES.items()
        if (names := {n for n in named(path) if part_of(n) not in MAY[part_of(module) or ""] | {part_of(module)}})
    }
    assert found == {}
    assert "odziv.processes.embed_examples" in named(MODULES["odziv.processes.starting"])


def test_imports_point_one_way():
    assert against_the_table() == STILL


def test_no_circles():
    graph = {m: {n for n in imported(path, at_once=True) if n in MODULES and n != m} for m, path in MODULES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_no_circles_in_the_widgets_modules():
    files = (ROOT / "odziv" / "chat" / "static" / "widget").glob("*.js")
    statement = re.compile(r'^import .* from "\./([\w-]+\.js)";', re.MULTILINE)
    graph = {file.name: set(statement.findall(file.read_text(encoding="utf-8"))) for file in files}
    assert "elements.js" in graph["waiting.js"]
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("part", ["odziv.store", "odziv.cases", "kb"])
def test_what_lies_below_knows_no_flask(part):
    below = {module: path for module, path in MODULES.items() if module.startswith(part)}
    users = [module for module, path in below.items() if any(name.startswith("flask") for name in imported(path))]
    assert [module for module in users if not module.endswith("commands")] == []


def test_no_sql_outside_the_store():
    users = [m for m, path in MODULES.items() if any(name.startswith("sqlalchemy") for name in imported(path))]
    assert [m for m in users if not m.startswith("odziv.store")] == []


def test_what_an_application_works_with_is_read_in_one_place():
    readers = {m for m, path in MODULES.items() if 'extensions["odziv"]' in path.read_text(encoding="utf-8")}
    # Commands of parts that may not import `web`; everybody else calls `services()`.
    commands = {f"odziv.processes.{name}commands" for name in ("", "attachment_", "data_")} | {"kb.commands"}
    assert readers == {"odziv.web.services", *commands}


def test_nobody_beside_the_top_imports_the_wiring():
    users = [m for m, path in MODULES.items() if any(part_of(name) == "wiring" for name in imported(path))]
    assert users == []


def test_no_folder_of_code_has_more_than_20_modules():
    count = Counter(str(path.parent.relative_to(ROOT)) for path in MODULES.values() if path.name != "__init__.py")
    assert {folder: number for folder, number in count.items() if number > 20} == {}


def test_no_folder_of_code_grows_past_what_one_reads_at_a_glance():
    """Twenty modules in one level at most, tests and benches too; migrations, one a change, may be more."""
    tops = ("odziv", "kb", "bot", "actions", "tests", "bench")
    files = [path for top in tops for path in (ROOT / top).rglob("*.py") if path.name != "__init__.py"]
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in files)
    del counts["odziv/store/migrations/versions"]
    assert {folder: count for folder, count in counts.items() if count > 20} == {}
