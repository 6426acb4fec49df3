"""`bench.search` on a small help centre: pages are built anew and then kept, and every language is asked."""

from __future__ import annotations

from types import SimpleNamespace

from bench import search
from odziv.help.catalogue import ArticleCatalogue


def test_each_page_is_built_and_then_served_as_it_is_kept(client, settings, monkeypatch):
    kept = []

    class Pages(dict):
        def __setitem__(self, key, page):
            kept.append(key)
            super().__setitem__(key, page)

    def prepare(self, *args):
        build(self, *args)
        self.pages = Pages()

    build = ArticleCatalogue.__init__
    monkeypatch.setattr(ArticleCatalogue, "__init__", prepare)
    monkeypatch.setattr(search, "PATHS", ("", "orders/return"))
    rows = search.measure_pages(SimpleNamespace(client=client, settings=settings))
    assert [row[0] for row in rows] == ["(front page)", "orders/return"]
    assert all(float(figure) >= 0 for row in rows for figure in row[2:])
    assert len(kept) == 2 * 10 * len(settings.languages)  # each time one was measured, it was built once


def test_what_is_typed_is_asked_letter_by_letter_and_counted(client, kb, tmp_path, monkeypatch):
    questions = tmp_path / "tests/data/questions"
    questions.mkdir(parents=True)
    (questions / "en.jsonl").write_text('{"text": "when do I get my money", "article": "orders/refund-time"}\n'
                                        '{"text": "who won the cup", "article": null}\n')  # fmt: skip
    monkeypatch.setattr(search, "ROOT", tmp_path)
    row, figures = search.measure_language(client, "en")
    assert (figures["requests"], figures["listed"], figures["of"]) == (5, 1, 1) and row[0] == "en"
