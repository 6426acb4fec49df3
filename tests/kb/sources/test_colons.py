"""What ends with a colon is never shown without what follows: in no passage, however an article is cut."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from actions.passages import compose
from kb.sources.articles import Article, parse_article
from kb.sources.passages import MAX_WORDS, cut, leads_on

LONG = "Canoes are kept in the big hall behind the shop and can be seen there on any working day. " * 7
TABLE = "| Your height | Paddle |\n|---|---|\n" + "\n".join(
    f"| {n} to {n + 4} cm tall, whatever your weight is | a paddle of {n - 40} cm is right for you and yours |"
    for n in range(150, 205, 5)
)
LIST = "\n".join(f"- the {n}. thing to bring with you, as nobody there can lend you another one" for n in range(20))
STEPS = "\n".join(f"{n}. do what this step says, and go on only when it is done and checked" for n in range(1, 16))
CODE = "```\n" + "\n".join(f"set option {n} to the value that the label of your boat says" for n in range(15)) + "\n```"
QUOTE = "\n".join(f"> the {n}. line of what they say there about us and about all of our boats" for n in range(15))
PARAGRAPH = "Whoever comes by car parks behind the hall, where there is room for twenty of them. " * 9
INDENTED = "\n".join(f"    set option {n} to the value that the label of your boat says" for n in range(15))
SUB_LIST = "- for adults:\n" + "\n".join(f"  - the {n}. thing that every adult has to bring along" for n in range(20))
FOLLOWING = {"table": TABLE, "list": LIST, "steps": STEPS, "code": CODE, "quote": QUOTE, "paragraph": PARAGRAPH,
             "indented code": INDENTED, "list in a list": SUB_LIST}  # fmt: skip
ENDS = [
    "It depends on your height:",
    "It depends on your height :",
    "It depends on your **height:**",
    "It depends on your *height*:",
    "It depends on your ***height:***",
    "It depends on your `height`:",
    "It depends on your height：",
    "They say “it depends on your height:”",
    "They say »it depends on your height:«",
    "Kažejo: „odvisno je od višine:“",
    "It depends on your height (see below:)",
    "It depends on your [height:](orders/return)",
    "It depends on your height: <!-- check -->",
    "It depends on your height:  ",
    "It depends on your height:\\",
    "It depends on your height:&nbsp;",
]
NO_ENDS = ["It depends on your height.", "Thank you :)", "Thank you :-)", "It is 10:30", "See a::b", "What: that"]


def read(body: str) -> Article:
    raw = f"---\ntitle: Paddles\nstatus: published\n---\n{body}\n".encode()
    return parse_article(raw, Path("/articles/en/canoes/paddles.md"), Path("/articles"), ["en"])


@pytest.mark.slow
@pytest.mark.parametrize("before", ["", LONG, "Short one. "])
@pytest.mark.parametrize("following", FOLLOWING)
def test_it_goes_with_the_block_that_follows(following, before):
    begins = FOLLOWING[following].split("\n")[0].strip()
    for end in ENDS:
        article = read(f"{before}{end}\n\n{FOLLOWING[following]}\n\nThe end.")
        [passage] = [each for each in article.passages if "height" in each.text or "višine" in each.text]
        assert begins[:40] in passage.text and not any(leads_on(each.text) for each in article.passages), end


@pytest.mark.parametrize("end", NO_ENDS)
def test_what_only_has_a_colon_leads_to_nothing(end):
    assert not leads_on(end)


def test_several_in_a_row_stay_together():
    article = read(f"{LONG}\n\nIt depends:\n\n**On your height:**\n\n{TABLE}")
    [passage] = [each for each in article.passages if "It depends" in each.text]
    assert "**On your height:**" in passage.text and "| 200 to 204 cm" in passage.text


def test_the_last_row_of_a_list_leads_on_too():
    article = read(f"{LONG}\n\n- boats\n- paddles, by your height:\n\n{TABLE}")
    [passage] = [each for each in article.passages if "by your height" in each.text]
    assert "| 150 to 154 cm" in passage.text


def test_a_heading_ends_it():
    passages = read(f"{LONG}\n\nSee below:\n\n## Below\n\n{LIST}").passages
    assert leads_on(passages[-3].text if len(passages) > 3 else passages[0].text) or passages[-1].heading == "Below"
    assert "See below" not in passages[-1].text


def test_a_sentence_before_it_does_not_come_along():
    first, *_, last = cut(f"{LONG}It depends on your height:\n\n{TABLE}")
    assert last.text.startswith("It depends on your height:") and len(first.plain.split()) <= MAX_WORDS


@pytest.mark.slow
@pytest.mark.parametrize("question", ["which paddle do I need", "what is it about my height", ""])
def test_nor_is_it_left_alone_in_what_a_chat_shows(question):
    for end, following in product(ENDS, FOLLOWING.values()):
        article = read(f"{LONG}\n\n## Choosing\n\n{LONG}\n\n{end}\n\n{following}\n\n{LONG}")
        for likely in range(len(article.passages)):
            shown = compose(article, [question], "en", [likely]).text
            assert not leads_on(shown.split("\n\n")[-1]), shown


def test_the_table_of_the_long_example_is_shown_from_its_first_row():
    shown = compose(read(f"The right length depends on your height:\n\n{TABLE}"), ["paddle length"], "en", [0]).text
    assert shown.startswith("The right length") and "| 150 to 154 cm" in shown


def test_the_lead_of_a_code_is_shown_with_it():
    article = read(f"{LONG}\n\n## Settings\n\nAny boat can be set.\n\nWrite this into its box:\n\n{CODE}")
    shown = compose(article, ["how do I set an option of the boat"], "en", [len(article.passages) - 1]).text
    assert "```" in shown and "Write this" in shown


def test_a_table_without_rows_is_no_trouble():
    assert "a" in compose(read(f"It depends:\n\n| a | b |\n|---|---|\n\n{LONG}"), ["what is a"], "en", [0]).text
