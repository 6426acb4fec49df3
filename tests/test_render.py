"""Markdown to HTML that is safe to show, whatever it is made of, and in time."""

from __future__ import annotations

import re
import time

import pytest

from kb.render import render, render_plain

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>*{display:none}</style>",
    "<a href='javascript:alert(1)' onclick='alert(1)'>x</a>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<form action=//evil.example><input name=password></form>",
    "<!--><script>alert(1)</script-->",
    "<template><script>alert(1)</script></template>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](\\\\evil.example)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "[![x](javascript:alert(1))](javascript:alert(2))",
    "[a [b](javascript:alert(1)) c](javascript:alert(2))",
    '[x](https://a.example "onmouseover=\\"alert(1)")',
    '[x](https://a.example" onmouseover="alert(1))',
    "[x](https://a.example'onmouseover='alert(1))",
    "`<script>alert(1)</script>`",
    "```<script>\n<script>alert(1)</script>\n```",
    '```"onload="alert(1)\ncode\n```',
    "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "# <b onclick=alert(1)>x</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "\x00<script\x00>alert(1)</script>",
]
TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "ul"}  # fmt: skip


def elements(html: str) -> list[tuple[str, str]]:
    """Every tag with its attributes; a bare `<` or `>` elsewhere would show up as a strange one."""
    return re.findall(r"<\s*/?\s*([^\s>/]*)([^>]*)>", html)


@pytest.mark.parametrize(
    "render_it", [render, render_plain, lambda text: render(text, "en")], ids=["md", "plain", "en"]
)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_through(text, render_it):
    for tag, attributes in elements(render_it(text)):
        assert tag in TAGS
        for name, value in re.findall(r'([\w:-]+)="([^"]*)"', attributes):
            assert name in {"href", "title", "rel", "start"}
            assert name != "href" or value.startswith(("https://a.example", "/help/en/"))
        assert not re.sub(r'\s[\w:-]+="[^"]*"', "", attributes).strip("/ ")


def test_what_articles_use_is_there():
    html = render("Hello **you**, _there_:\n\n1. one\n2. two\n\n## Title\n\n|a|b|\n|-|-|\n|1|2|\n\nline\nline")
    for tag in ("<strong>", "<em>", "<ol>", "<li>", "<h2>", "<table>", "<td>", "<br>"):
        assert tag in html


@pytest.mark.parametrize(
    "url", ["https://shop.example/x?a=1&b=2", "http://shop.example", "mailto:a@shop.example", "tel:+3861"]
)
def test_links_to_the_web_mail_and_telephone_stay(url):
    html = render(f"[x]({url})")
    assert f'href="{url.replace("&", "&amp;")}"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_a_link_to_an_article_is_a_link_to_its_page():
    assert 'href="/help/sl/orders/return"' in render("[x](orders/return)", "sl")
    assert "href" not in render("[x](orders/return)")
    assert "href" not in render("[x](../../desk/sign-out)", "sl")


def test_what_a_customer_typed_is_no_markdown():
    typed = "**not bold** [x](https://a.example)\n<b>\n\n\n\n& \"quoted\" 'so'"
    assert render_plain(typed) == (
        "<p>**not bold** [x](https://a.example)<br>&lt;b&gt;</p><p>&amp; \"quoted\" 'so'</p>"
    )


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_nothing_is_nothing(text):
    assert render(text).strip() == render_plain(text) == ""


N = 20_000
PATHOLOGICAL = {
    "brackets": "[" * N,
    "stars": "*" * N,
    "quotes": ">" * N,
    "quotes with space": "> " * (N // 2),
    "underscores": "_" * N,
    "backticks": "".join("`" * i + " " for i in range(1, 198)),
    "pictures": "![" * (N // 2),
    "links": "[a](" * (N // 4),
    "balanced": "[" * (N // 2) + "]" * (N // 2),
    "emphasis": "*a_ " * (N // 4),
    "strong": "**a" * (N // 3),
    "lists": "- " * (N // 2),
    "nested list": "\n".join(" " * (2 * i) + "- a" for i in range(140)),
    "references": "[a]: b\n" * (N // 8),
    "table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 3000,
    "wide table": "|" * 6000 + "\n" + "|-" * 3000 + "|\n" + "|\n" * 2000,
    "autolinks": "<a" * (N // 2),
    "comments": "<!--" * (N // 4),
    "entities": "&" * N,
    "backslashes": "\\" * N,
    "fences": "```\n" * (N // 4),
    "lines": "\n" * N,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", PATHOLOGICAL.values(), ids=PATHOLOGICAL.keys())
def test_twenty_thousand_characters_of_malice_take_a_moment(text):
    before = time.process_time()
    render(text[:N], "en")
    render_plain(text[:N])
    assert time.process_time() - before < 5  # processor time: 0.5 at most when this was written; quadratic is minutes
