"""Articles changed at random: each is read or refused with reasons, and nothing of it becomes script.

`python -m tests.kb.sources.test_mutated_articles 20000 7` tries so many with that seed.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest

from actions.passages import compose
from kb.render import render
from kb.sources.articles import Article, ArticleBroken, parse_article
from kb.sources.checks import check_articles
from kb.sources.passages import MARKDOWN

ROOT = Path("/articles")
SEED = """---
title: Canoe hire
questions:
  - can I hire a canoe
  - "price: canoe"
tags: [canoes]
follow_ups: [orders/return]
status: published
---
A canoe costs **30 EUR** a day. <!-- Marek: not more -->

## Booking
<!-- topics: canoes/hire -->
Use the [form][form], see [what it costs](../orders/return-cost.md#below "T"), or [below](#prices):

| Days | EUR |
|---|---|
| 1 \\| 2 | [30][form] |

1. Come:
   - by car
   - by train

```
[form][form] <!-- kept -->
```

> ![chart](chart.png) `code` <br> \\<b> \\<i>

[form]: https://smreka.example/rent 'The "form"'
"""
PIECES = [
    "<!--", "-->", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "`", "```\n", "~~~\n", "[",
    "]", "](", ")",
    "[x](javascript:alert(1))", "[form]", "[form]: javascript:alert(1)\n", "![", "|", "\n|---|\n", "\n\n",
    "\n", "\n    ",
    "\t", ":", "：", "---\n", "\n---\n", "# ", "## ", "- ", "1. ", "> ", "\\", "*", "**", "_",
    "&#x6A;avascript:", "\x00", "\ufeff",
    "\u2028", "\u202e", "\x0b", "\x85", "\r", "\r\n", "topics: a/b", "<!-- topics: a/b -->", "[[gap]]", "'",
    '"', "{", "}", "&a ",
    "*a ", "!!python/object:os.system ", "? ", "title: ", "status: published\n", "# b", "no", "2026-11-30",
    "🛶", "\ud83d", "č",
    "<a href='//x.example' onclick=alert(1)>", "<!DOCTYPE x>", "<?php ?>", "<![CDATA[x]]>",
    "](data:text/html,x)", "%00", "%zz",
    "http://[::1", "mailto:", "//x.example", "../../../", "?said=yes", "#" * 8, "a" * 300, "[" * 60,
    "(" * 60, "<" * 60,
]  # fmt: skip
SAFE_TAGS = re.compile(
    r"</?(?:a|blockquote|br|code|em|h[234]|hr|li|ol|p|pre|strong|table|tbody|td|th|thead|tr|ul)\b[^<>]*>"
)
UNSAFE = re.compile(
    r"""<(?:script|img|iframe|svg|style)|<[^>]*\son\w+\s*=|href="(?!https?:|mailto:|tel:|/help/)""", re.I
)


def mutate(random_: random.Random) -> bytes:
    """An article with some pieces put in, taken out, doubled or moved, and now and then with broken bytes."""
    text = SEED
    for _ in range(random_.randint(1, 8)):
        a, b = sorted(random_.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + random_.randint(0, 60))
        text = random_.choice([
            text[:a] + random_.choice(PIECES) + text[a:], text[:a] + text[b:], text[:b] + text[a:b] + text[b:],
            text[:a] + random_.choice(PIECES) + text[b:], text[:a] + text[a:b][::-1] + text[b:],
        ])  # fmt: skip
    raw = text.encode("utf-8", "surrogatepass")
    if random_.random() < 0.1:
        at = random_.randrange(len(raw) + 1)
        raw = raw[:at] + bytes([random_.randrange(256)]) + raw[at:]
    return raw


def check(raw: bytes) -> bool:
    """Whether the article is read; raises AssertionError where it should not be as it is."""
    try:
        article = parse_article(raw, ROOT / "en/canoes/hire.md", ROOT, ["en", "sl"])
    except ArticleBroken as broken:
        assert broken.faults and all(fault.reason and (fault.line or 1) >= 1 for fault in broken.faults)
        return False
    last = raw.count(b"\n") + raw.count(b"\r") + 1
    assert all(1 <= (problem.line or 1) <= last and problem.reason for problem in check_articles([article], ROOT))
    for shown in shown_of(article):
        check_shown(render(shown, "en"), may_have_sign="\\<!" in shown or "&" in shown)
    return True


def shown_of(article: Article) -> list[str]:
    """All that is shown of an article anywhere."""
    chats = [compose(article, ["can I hire a canoe", ""], "en", [place]).text for place in range(len(article.passages))]
    return [article.body, *(passage.text for passage in article.passages), *chats]


def check_shown(html: str, *, may_have_sign: bool) -> None:
    """No script and no other tags than a message has; no comment but in code; links lead somewhere."""
    assert not UNSAFE.search(html), html
    assert "<" not in SAFE_TAGS.sub("", html), html
    without_code = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    assert may_have_sign or "&lt;!--" not in without_code, html


def is_same_after_reading_again(raw: bytes) -> None:
    """What was read once has the same links when it is read again: nothing was put where it does not belong."""
    article = parse_article(raw, ROOT / "en/canoes/hire.md", ROOT, ["en", "sl"])
    again = [token for token in MARKDOWN.parse(article.body) if token.type == "inline"]
    links = [child.attrGet("href") for token in again for child in token.children or () if child.type == "link_open"]
    wanted = [link.target.address("en") for link in article.links]
    assert [href for href in links if href in wanted] == wanted


def run(number: int, seed: int) -> int:
    """Try so many; returns how many were read."""
    random_ = random.Random(seed)
    return sum(check(mutate(random_)) for _ in range(number))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_five_hundred_mutated_articles(seed):
    assert run(500, seed) > 50


def test_the_article_as_it_is_written():
    assert check(SEED.encode())
    is_same_after_reading_again(SEED.encode())


if __name__ == "__main__":
    print(run(int(sys.argv[1]), int(sys.argv[2])), "read")
