import pytest

from kb.language.text import words
from kb.sources.passages import MAX_WORDS, cut

SENTENCES = "A sentence of five words. " * 60


def sizes(body: str) -> list[int]:
    return [len(words(passage.plain)) for passage in cut(body)]


def test_headings_divide():
    passages = cut("Intro *here*.\n\n## One\n\nText `x`.\n\n### Two\n\n- a\n- b\n\n## Empty\n")
    assert [(p.heading, p.plain) for p in passages] == [(None, "Intro here."), ("One", "Text x."), ("Two", "a\nb")]
    assert passages[0].text == "Intro *here*."


def test_long_sections_are_cut_at_paragraphs_lists_and_sentences():
    for body in (SENTENCES, "- item of four words\n" * 80, "\n\n".join(["Ten words " * 5] * 40)):
        assert len(sizes(body)) > 1
        assert max(sizes(body)) <= MAX_WORDS


TABLE = "| Country | Price |\n|---|---|\n" + "| Land | 5 EUR |\n" * 30
LIST = "- one row of a list\n" * 15


@pytest.mark.parametrize("rows", [TABLE, LIST, LIST * 4, LIST.replace("-", "1.")])
@pytest.mark.parametrize("before", ["", "Word " * 100 + "ends.\n\n", "Word " * 100 + "ends. "])
def test_a_table_or_list_goes_with_the_sentence_before_it(rows, before):
    passages = cut(f"{before}These are the prices:\n\n{rows}\nThe end.")
    together = next(passage for passage in passages if "prices:" in passage.text)
    assert f"These are the prices:\n\n{rows.splitlines()[0]}" in together.text
    assert all(passage.text.count("Word") == 100 for passage in passages if "Word" in passage.text)


def test_nothing_is_lost_between_passages():
    body = "One.\n\n" + "1. step and more words here\n" * 50 + "\n" + SENTENCES
    assert sum(sizes(body)) == len(words(" ".join(p.plain for p in cut(body))))
    assert sum(len(words(p.text)) for p in cut(body)) >= 1 + 50 * 6 + 300


def test_raw_html_is_not_text():
    assert cut("<div onclick=x>\n\n</div>") == ()


def test_deep_nesting_does_no_harm():
    cut("> " * 3000 + "x")
    cut("[" * 3000)
