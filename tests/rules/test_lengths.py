"""A limit that means one thing is one name with one value, in whatever module it is asked for."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

import pytest

from odziv.store import lengths
from tests.rules.test_imports import MODULES, ROOT


@pytest.mark.slow
def test_no_two_modules_set_a_longest_of_the_same_name():
    found = defaultdict(list)
    for module, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = ast.walk(node) if isinstance(node, ast.Assign) else ()
            for name in names:
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id.startswith("LONGEST"):
                    found[name.id].append(module)
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}
    assert found["LONGEST_EMAIL"] == found["LONGEST_CUSTOMER_NAME"] == ["odziv.store.lengths"]


def test_no_page_has_a_bound_of_its_own():
    pages = [page for page in (ROOT / "odziv").rglob("templates/**/*.html")]
    typed = {page.name: re.findall(r'maxlength="(\d+)"', page.read_text(encoding="utf-8")) for page in pages}
    assert {name: found for name, found in typed.items() if found} == {
        "two_factor.html": ["10"]
    }  # of a code, with a space


@pytest.mark.parametrize(
    ("module", "longest"),
    [
        ("article", lengths.LONGEST_VERDICT),
        ("ending", lengths.LONGEST_VERDICT),
        ("home", lengths.LONGEST_QUERY),
        ("waiting", lengths.LONGEST_EMAIL),
    ],
)
def test_the_widgets_fields_take_as_much_as_the_server(module, longest):
    script = (ROOT / "odziv" / "chat" / "static" / "widget" / f"{module}.js").read_text(encoding="utf-8")
    assert re.findall(r'maxlength: "(\d+)"', script) == [str(longest)]
