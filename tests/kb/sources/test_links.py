"""Links of an article work in every passage of it; those that can't are named with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.render import render, with_whole_addresses
from kb.sources.articles import Article, parse_article
from kb.sources.checks import check_articles

ROOT = Path("/articles")
HEAD = "---\ntitle: Canoes\nstatus: {}\n---\n"


def read(body: str, name: str = "en/canoes/links", status: str = "published") -> Article:
    raw = (HEAD.format(status) + body).encode()
    return parse_article(raw, ROOT / f"{name}.md", ROOT, ["en", "sl"])


FORM = "\n\n[form]: https://x.example/rent"
REFERENCES = [
    # written above a definition, how it is written after reading
    ("[the form][form]", "[the form](https://x.example/rent)"),
    ("[form][]", "[form](https://x.example/rent)"),
    ("[form]", "[form](https://x.example/rent)"),
    ("[Form] and [FORM][]", "[Form](https://x.example/rent) and [FORM](https://x.example/rent)"),
    ("[the\nform][FoRm]", "[the\nform](https://x.example/rent)"),
    ("[*a* `b]`][form]", "[*a* `b]`](https://x.example/rent)"),
    ("*[a][form]* **[b][form]**", "*[a](https://x.example/rent)* **[b](https://x.example/rent)**"),
    ("- a [b][form]\n- c\n  [d][form]", "- a [b](https://x.example/rent)\n- c\n  [d](https://x.example/rent)"),
    ("1. > [b][form]", "1. > [b](https://x.example/rent)"),
    ("## To [b][form] ##\n\nText", "## To [b](https://x.example/rent) ##\n\nText"),
    ("To [b][form]\n---\n\nText", "To [b](https://x.example/rent)\n---\n\nText"),
    ("| a | b |\n|---|---|\n| x \\| [a][form] | [a][form] |",
     "| a | b |\n|---|---|\n| x \\| [a](https://x.example/rent) | [a](https://x.example/rent) |"),
    ("`[a][form]` [b][form]", "`[a][form]` [b](https://x.example/rent)"),
    ("```\n[a][form]\n```", "```\n[a][form]\n```"),
    ("x\n\n    [a][form]", "x\n\n    [a][form]"),
    ("\\[form]", "\\[form]"),
    ("[form](orders/return)", "[form](orders/return)"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "written"), REFERENCES)
def test_a_reference_becomes_a_link_of_its_own(body, written):
    assert read(body + FORM).body == written


DEFINITIONS = [
    ("[f]: <https://x.example/a b>", "https://x.example/a%20b", ""),
    ("[f]: https://x.example/a_(b)", "https://x.example/a_(b)", ""),
    ("[f]: https://x.example 'A \"b\" c'", "https://x.example", "A &quot;b&quot; c"),
    ("[f]:\n  https://x.example\n  'A\n  b'", "https://x.example", "A b"),
    ("[F]: https://x.example (A)", "https://x.example", "A"),
    ("   [f]: https://x.example", "https://x.example", ""),
    ("> [f]: https://x.example", "https://x.example", ""),
    ("- a\n\n  [f]: https://x.example", "https://x.example", ""),
    ("Text\n[f]: https://x.example", "https://x.example", ""),
    ("Text\n[e]: https://y.example\n[f]: https://x.example", "https://x.example", ""),
    ("[f]: https://x.example\n[f]: https://y.example", "https://x.example", ""),
    ("[f]: ../orders/return.md#Next", "/help/en/orders/return#next", ""),
]


@pytest.mark.parametrize(("definition", "href", "title"), DEFINITIONS)
def test_wherever_the_definition_stands(definition, href, title):
    article = read(f"See [the form][f].\n\n## Next\n\n{definition}\n\n## Last\n\nEnd, see [f].")
    for passage in (article.passages[0], article.passages[-1]):
        html = render(passage.text, "en")
        assert f'href="{href}"' in html and "[" not in html and (f'title="{title}"' in html) == bool(title)


ADDRESSES = [
    # written in en/canoes/links.md, where it leads
    ("orders/return", "/help/en/orders/return"),
    ("orders/return.md", "/help/en/orders/return"),
    ("orders/return.markdown", "/help/en/orders/return"),
    ("orders/return.html", "/help/en/orders/return"),
    ("Orders/Return.MD", "/help/en/orders/return"),
    ("orders/return/", "/help/en/orders/return"),
    ("orders\\return.md", "/help/en/orders/return"),
    ("/orders/return", "/help/en/orders/return"),
    ("../orders/return.md", "/help/en/orders/return"),
    ("./../orders/./return.md", "/help/en/orders/return"),
    ("../../en/orders/return.md", "/help/en/orders/return"),
    ("/help/en/orders/return", "/help/en/orders/return"),
    ("/help/en/orders/return/", "/help/en/orders/return"),
    ("hire.md", "/help/en/canoes/hire"),
    ("./hire.md", "/help/en/canoes/hire"),
    ("hire", "/help/en/canoes/hire"),
    ("#below", "/help/en/canoes/links#below"),
    ("#Where-they-ARE", "/help/en/canoes/links#where-they-are"),
    ("#%C5%A1otor", "/help/en/canoes/links#sotor"),
    ("links.md#below", "/help/en/canoes/links#below"),
    ("orders/return.md#cost", "/help/en/orders/return#cost"),
    ("orders/return.md?from=mail#cost", "/help/en/orders/return?from=mail#cost"),
    ("orders/return?a=1&b=2", "/help/en/orders/return?a=1&amp;b=2"),
    ("../../sl/orders/return.md", "/help/sl/orders/return"),
    ("sl/orders/return", "/help/sl/orders/return"),
    ("kb/articles/sl/orders/return.md", "/help/sl/orders/return"),
    ("/help/sl/orders/return#cena", "/help/sl/orders/return#cena"),
    ("/help/sl/", "/help/sl/"),
    ("/help/en/orders/", "/help/en/orders/"),
    ("orders/", "/help/en/orders/"),
    ("https://x.example/a?b=c#d", "https://x.example/a?b=c#d"),
    ("//x.example/a", "https://x.example/a"),
    ("mailto:info@x.example", "mailto:info@x.example"),
    ("tel:+38612345", "tel:+38612345"),
]


@pytest.mark.parametrize(("address", "href"), ADDRESSES)
def test_an_address_leads_where_an_editor_means(address, href):
    article = read(f"See [it]({address}).")
    assert f'<a href="{href}"' in render(article.passages[0].text, "en"), article.body
    assert not article.warnings


DEAD = [
    ("www.x.example", "https://"),
    ("info@x.example", "mailto:"),
    ("../../../etc/passwd", "leads nowhere"),
    ("../return.md", "leads nowhere"),
    ("/shop/cart/now", "leads nowhere"),
    ("/help/de/orders/return", "leads nowhere"),
    ("a/b/c/d", "leads nowhere"),
    ("orders/my_return", "leads nowhere"),
    ("ftp://x.example", "a kind that is not shown"),
    ("", "has no address"),
    ("orders/my return", "no address"),
    ("javascript:alert(1)", "no address"),
]


@pytest.mark.parametrize(("address", "reason"), DEAD)
def test_a_link_to_nowhere_is_named_and_its_words_are_kept(address, reason):
    article = read(f"Text\n\nSee [these words]({address}).")
    [warning] = article.warnings
    assert warning.line == 7 and reason in warning.reason
    html = render(article.body, "en")
    assert "these words" in html and "href" not in html


def problems(*articles: Article) -> list[str]:
    return [str(problem) for problem in check_articles(articles, ROOT)]


def named(link: str, reason: str, line: int) -> str:
    return f"en/canoes/links.md:{line}: the link {link!r} leads to {reason}"


def test_links_to_articles_and_headings_that_are_not_there_are_named():
    returns = read("Text\n\n## What it costs\n\nText\n\n### Abroad\n\nText", "en/orders/return")
    draft = read("Text", "en/orders/draft", status="draft")
    internal = read("Text", "en/orders/internal", status="internal")
    links = read(
        "[a](orders/return#what-it-costs) [b](orders/return#abroad) [c](orders/nothing)\n[d](#below)\n\n"
        "[e](orders/return#price) [f](orders/draft) [g](orders/internal) [h](/help/sl/orders/return)"
    )
    headings = "it has #what-it-costs, #abroad"
    assert problems(returns, draft, internal, links) == [
        named("orders/nothing", "orders/nothing, which is no article", 5),
        named("#below", "#below, which is no heading of canoes/links; it has no headings", 6),
        named("orders/return#price", f"#price, which is no heading of orders/return; {headings}", 8),
        named("orders/draft", "orders/draft, which customers can't read: it is a draft", 8),
        named("orders/internal", "orders/internal, which customers can't read: it is internal", 8),
    ]


def test_follow_ups_that_are_not_there_are_named_with_their_lines():
    raw = "---\ntitle: A\nfollow_ups:\n  - orders/gone\n  - orders/return\n  - orders/draft\nstatus: published\n---\nx"
    article = parse_article(raw.encode(), ROOT / "en/a/b.md", ROOT)
    found = problems(article, read("x", "en/orders/return"), read("x", "en/orders/draft", status="draft"))
    assert found == [
        "en/a/b.md:4: `follow_ups` names orders/gone, which is no article",
        "en/a/b.md:6: `follow_ups` names orders/draft, which customers can't read: it is a draft",
    ]


RAW = [
    ("[a][nowhere]", "no line [label]: address"),
    ("[nowhere][]", "no line [label]: address"),
    ("Text[^1]\n\n[^1]: A note", "is a footnote"),
    ("a<br>b", "HTML is shown to customers as text: <br>"),
    ("<div>\nx\n</div>\n\nText", "HTML is shown to customers as text"),
]


@pytest.mark.parametrize(("body", "reason"), RAW)
def test_what_customers_would_read_as_it_is_written_is_named(body, reason):
    warnings = read(body).warnings
    assert warnings and warnings[0].line == 5 and reason in warnings[0].reason


PICTURES = [
    ("![the size chart](images/chart.png)", "the size chart", "alternative text, 'the size chart'"),
    ("See ![the *chart*][c].\n\n[c]: chart.png 'T'", "See the <em>chart</em>.", "chart.png is not shown"),
    ("[![the chart](c.png)](orders/return)", ">the chart</a>", "c.png is not shown"),
    ("![chart](https://x.example/c.png)", "chart", "https://x.example/c.png is not shown"),
    ("![](c.png) Text", "Text", "no alternative text"),
]


@pytest.mark.parametrize(("body", "shown", "reason"), PICTURES)
def test_a_picture_is_its_alternative_text_and_named(body, shown, reason):
    article = read(body)
    assert shown in render(article.body, "en") and shown.replace("<em>", "") and "<img" not in render(article.body)
    [warning] = article.warnings
    assert reason in warning.reason and warning.line == 5


def test_a_picture_in_any_message_is_its_alternative_text():
    assert render("Here: ![the *size* chart](https://x.example/c.png)") == "<p>Here: the size chart</p>\n"


def test_pages_of_the_help_centre_are_links_in_messages_too():
    assert 'href="/help/sl/orders/return?x=1#y"' in render("[a](/help/sl/orders/return?x=1#y)")
    for address in ("/help/../desk", "/help/sl/a/b/c", "/desk/", "/help/sl/a/b c", "/help/sl/A/b", "/helpless"):
        assert "href" not in render(f"[a](<{address}>)", "sl")


WHOLE = [
    ("[a](orders/return)", "[a](https://help.example/help/en/orders/return)"),
    ("[a](orders/return?x=1#y 'T')", "[a](https://help.example/help/en/orders/return?x=1#y 'T')"),
    ('[a](/help/sl/orders/return "T")', '[a](https://help.example/help/sl/orders/return "T")'),
    ("[a](</help/sl/orders/>)", "[a](<https://help.example/help/sl/orders/>)"),
    ("[a](/help/en/)", "[a](https://help.example/help/en/)"),
    ("`[a](orders/return)` [b](x/y)", "`[a](orders/return)` [b](https://help.example/help/en/x/y)"),
    ("```\n[a](orders/return)\n```", "```\n[a](orders/return)\n```"),
    ("[a](https://x.example/a/b) [c](mailto:a@b.c)", "[a](https://x.example/a/b) [c](mailto:a@b.c)"),
    ("[a](/helpless/x) [b](a/b/c)", "[a](/helpless/x) [b](a/b/c)"),
]


@pytest.mark.parametrize(("text", "whole"), WHOLE)
def test_on_a_shops_page_links_lead_to_the_help_centre(text, whole):
    assert with_whole_addresses(text, "en", "https://help.example") == whole


UNKNOWN = {
    "struck out": ("It costs ~~20~~ 15 €.", "~~20~~ is shown with its ~~"),
    "a task list": ("- one\n- [x] done", "[x] is a box of a task list"),
    "a heading without a space": ("Text.\n\n##Sizes\n\nMore.", "##Sizes is no heading"),
    "a box of a site generator": ("::: tip\nPay later.\n:::", "::: tip is shown as it is written"),
    "a note of GitHub": ("> [!NOTE]\n> Pay later.", "[!NOTE] is shown as it is written"),
    "a template": ("We are {{ shop.name }}.", "{{ shop.name }} is shown as it is written"),
    "a template's command": ("{% include footer %}", "{% include footer %} is shown as it is written"),
}
KNOWN = [
    "`~~a~~` and `{{ b }}`", "```\n~~a~~\n##b\n::: c\n```", "about ~20 or ~30", "## Sizes\n\n#1 of all",
    "[x](orders/return)",
    "a ::: b", "{a}", "(see [ ] below)", "* [link](https://x.example)",
]  # fmt: skip


@pytest.mark.parametrize(("body", "told"), UNKNOWN.values(), ids=UNKNOWN)
def test_signs_that_only_other_programs_read_are_named(body, told):
    article = read(f"First.\n\n{body}\n")
    [warning] = [fault for fault in article.warnings if told in fault.reason]
    shown = told.partition(" is ")[0]
    assert warning.line == next(n for n, line in enumerate(body.split("\n"), 7) if shown in line)


@pytest.mark.parametrize("body", KNOWN)
def test_what_is_shown_as_it_is_meant_is_not(body):
    assert read(f"{body}\n\nText.\n").warnings == ()
