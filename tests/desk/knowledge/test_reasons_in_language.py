"""Why an article's file can't be used, or written, is said in the agent's language."""

from __future__ import annotations

import ast
import re
from html import unescape

import pytest

from kb.sources.faults import Reason
from odziv.cases.learning.wording import say_reason
from odziv.texts.desk import catalogues, extraction, speaking
from tests.desk.knowledge.test_desk_phrasings import propose  # noqa: F401 (fixture)
from tests.scratch_articles import write
from tests.texts.desk_catalogues import CLOSE, OPEN, in_brackets, offer, write_catalogue


@pytest.fixture(scope="module")
def bracketed() -> str:
    return in_brackets()


@pytest.fixture
def brackets(monkeypatch, tmp_path, bracketed):
    """Has the desk speak in brackets to whoever asks for Slovenian."""
    write_catalogue(monkeypatch, tmp_path, "sl", bracketed)
    offer(monkeypatch, "sl")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason("is not a file"), "⟦is not a file⟧"),
        (Reason("cannot be read: %(why)s", why="%(x)s %"), "⟦cannot be read: %(x)s %⟧"),
        (Reason("this folder %(problem)s; its articles serve as they were read last", problem=Reason("is no folder")),
         "⟦this folder ⟦is no folder⟧; its articles serve as they were read last⟧"),
        (Reason("is too large (%(size)s KB, at most %(most)s); split it", size=12_500, most=256),
         "⟦is too large (12.500 KB, at most 256); split it⟧"),
        (Reason("in the articles' folder, %(away)s; what was there serves as it was read last",
                away=(Reason("is no folder"), Reason("is not there"))),
         "⟦in the articles' folder, ⟦is no folder⟧, ⟦is not there⟧; what was there serves as it was read last⟧"),
        ("a system’s own words", "a system’s own words"),
    ],
)  # fmt: skip
def test_it_is_said_with_what_it_holds(brackets, reason, said):
    with speaking("sl"):
        assert say_reason(reason) == said
    assert say_reason(reason) == reason.replace("12500", "12,500")


def test_the_catalogues_hear_of_all_of_them():
    gathered = {message.id for message in catalogues.messages_of(extraction.gather())}
    said = set()
    for path in (extraction.ROOT / "kb").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Reason", "NotWritten"):
                said |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    assert len(said) > 100 and said - gathered == set()


def reasons_on(page: str) -> list[str]:
    """What the page "Assistant" says of files."""
    return [unescape(text) for text in re.findall(r"</code> <p>(.*?)</p>", page, re.DOTALL)]


def test_the_page_names_files_in_its_readers_language(ana, kb, folder, brackets):
    ana.post("/desk/account/language", language="sl")
    write(folder, "en/a/broken", "Title", status="live")
    write(folder, "en/a/loose", "Loose", body="[a](orders/nowhere) <b>x</b>", follow_ups="[orders/nowhere]")
    (folder / "en" / "a" / "x.MD").write_text("x")
    kb.refresh()
    told = reasons_on(ana.get("/desk/assistant").text)
    assert len(told) >= 4 and [text for text in told if not (text[0] == OPEN and text[-1] == CLOSE)] == []
    assert "⟦`status` must be one of draft, internal, published⟧" in told


def test_so_it_says_what_is_away(app, ana, kb, folder, brackets):
    ana.post("/desk/account/language", language="sl")
    folder.rename(folder.with_name("aside"))
    kb.refresh()
    app.extensions["odziv"].knowledge.away = kb.away
    page = unescape(ana.get("/desk/assistant").text)
    assert '<p class="reason">⟦the articles\' folder ⟦is not there⟧; 5 files serve as they were read last⟧' in page


def test_an_editor_reads_why_nothing_was_written(sign_in, propose, kb, folder, brackets):  # noqa: F811
    vera = sign_in("Vera Novak", "editor")
    vera.post("/desk/account/language", language="sl")
    kept, path = propose("boots too small"), folder / "en" / "orders" / "return.md"
    path.write_text("no head")
    answer = vera.post(f"/desk/phrasings/{kept.id}/accept", text="boots too small")
    told = "⟦The file is broken; put that right first. en/orders/return.md:1: ⟦must start with a head between two"
    assert answer.status_code == 409 and told in answer.text
