"""Transcripts as HTML that can do nothing: what agents and users write is hostile until shown."""

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

# Past this many characters the parser would be the attack; such a text is shown as it came.
MARKDOWN_LIMIT = 100_000

# `![](…)` stays a link that a person may choose to follow: an image would load by itself.
_parser = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable(["table", "strikethrough"])
    .disable("image")
)
_cleaner = nh3.Cleaner(
    tags={
        *("a", "blockquote", "br", "code", "em", "h3", "h5", "hr", "li", "ol", "p", "pre", "s", "strong"),
        *("table", "tbody", "td", "th", "thead", "tr", "ul"),
    },
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def render_markdown(text: str, *, heading: str = "h5") -> SafeString:
    """`text` as HTML without images, ids, classes, relative links or any address but http(s) and mailto.

    Headings become one level, a small one unless said otherwise, so that a transcript cannot disturb the
    outline of the page.
    """
    if len(text) > MARKDOWN_LIMIT:
        return format_html("<pre>{}</pre>", text)
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = heading
    return SafeString(_cleaner.clean(_parser.renderer.render(tokens, _parser.options, {})))
