"""The widget's files as they are served: bundled, small, of one version."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter

import pytest

from odziv.chat.widget_files import STATIC, bundle, scripts
from odziv.texts import CATALOGUE


def test_the_loader_names_the_version_its_modules_have(client):
    loader = client.get("/widget.js").get_data(as_text=True)
    folder = re.search(r'"(widget/[0-9a-f]{20}/)"', loader).group(1)
    answer = client.get(f"/{folder}main.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"/{folder[:-1]}-2/main.js").data == answer.data


def test_an_old_loader_gets_todays_modules_without_keeping_them(client):
    answer = client.get("/widget/00000000000000000000/main.js")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["nothing.js", "../widget.js", "..%2f..%2fapi.py", "texts/de.js", "texts/", "main.js/"]
)
def test_nothing_else_is_served(client, name):
    assert client.get(f"/widget/1/{name}").status_code == 404


def test_compressed_where_the_browser_takes_it(client):
    plain = client.get("/widget/1/main.js")
    packed = client.get("/widget/1/main.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert client.get("/widget/1/main.js", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


def test_a_bundle_has_each_module_once_before_those_that_need_it():
    modules = {
        "main": 'import { a } from "./a.js";\nimport { b } from "./b.js";\na(b);',
        "a": 'import { b } from "./b.js";\nexport const a = b;',
        "b": "export const b = 1;",
        "late": 'import { b } from "./b.js";\nb();',
    }
    files = bundle(modules)
    assert files["widget/main.js"].replace("\n", "") == "export const b = 1;export const a = b;a(b);"
    assert files["widget/late.js"] == 'import { b } from "./main.js";\nb();'


def test_modules_share_no_names_and_import_on_one_line():
    names = Counter()
    for path in (STATIC / "widget").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        names.update(re.findall(r"^(?:export )?(?:async )?(?:const|let|class|function) (\w+)", text, re.MULTILINE))
        assert not re.search(r"^import (?!\{[^}\n]*\} from \"\./\w+\.js\";$)", text, re.MULTILINE), path.name
    assert [name for name, times in names.items() if times > 1] == []


def test_every_module_has_its_texts_in_every_language():
    served = scripts()
    for section in set(CATALOGUE.of("widget", "en")) - {"loader", "main"}:
        module = served[f"widget/{section}.js"].plain.decode()
        for language, texts in CATALOGUE.by_language("widget").items():
            assert all(json.dumps(text, ensure_ascii=False) in module for text in texts[section].values()), language
    assert not any(re.search(rb"\bTEXTS\b", script.plain) for script in served.values())


def test_the_loader_and_a_module_of_its_own_have_each_languages_words():
    served = scripts()
    for language, texts in CATALOGUE.by_language("widget").items():
        assert texts["loader"]["open"] in served["widget.js"].plain.decode()
        own = served[f"widget/texts/{language}.js"].plain.decode()
        assert own.startswith("export default{") and all(text in own for text in texts["main"].values())


def test_no_file_needs_what_a_strict_policy_forbids():
    for name, script in scripts().items():
        assert not re.search(
            rb"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", script.plain
        ), name
