"""A limit that means one thing is one name with one value, in whatever module it is asked for."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.test_imports import MODULES


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
