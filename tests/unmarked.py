"""Texts of templates that nobody marked for translation: `python -m tests.unmarked [file …]` lists them."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix in (".html", ".txt"))
# The product's name is the same in all languages, and so are those of standards and formats.
_NAME = re.compile(r"\b(Handrail|sha-256|https|PNG|CSV)\b")
# A key that is called so on every keyboard.
_KEY = re.compile(r"⇧?[a-zA-Z]|F\d")
_LETTER = re.compile(r"[^\W\d_]")
# Attributes that browsers, screen readers or our scripts show to people.
_SHOWN = {
    *("title", "alt", "placeholder", "label", "summary", "aria-label", "aria-description", "aria-valuetext"),
    *("aria-roledescription", "aria-placeholder", "hx-confirm", "hx-prompt"),
    *(
        "data-key-label",
        "data-command",
        "data-title",
        "data-fill-name",
        "data-guess",
        "data-label",
        "data-text",
        "data-hint",
    ),
}
_UNSEEN = ("script", "style")
_LITERAL = r"""(?:"([^"]*)"|'([^']*)')"""
# Literals that a filter or an include shows: {{ name|default:"none" }}, {% include "…" with title="None" %}.
_SHOWING_FILTER = re.compile(rf"\|(?:default|default_if_none|yesno|pluralize|add|join):{_LITERAL}")
_SENTENCE_GIVEN = re.compile(rf"\b\w+={_LITERAL}")
_READ_AS_TEXT = re.compile(r"[A-Z][a-z]|[^\W\d_] [^\W\d_]")


def unmarked(source: str, *, is_html: bool = True) -> Iterator[tuple[int, str]]:
    """Line and text of what people would read in English whatever their language is."""
    tokens = list(_tokens(source))
    for token in tokens:
        yield from ((token.lineno or 0, text) for text in _literals(token))
    bare = "".join(map(_bare, tokens))
    if not is_html:
        yield from ((at, line.strip()) for at, line in enumerate(bare.splitlines(), 1) if _says(line))
        return
    reader = _Reader()
    reader.feed(bare)
    reader.close()
    yield from reader.found


def _tokens(source: str) -> Iterator[Token]:
    """The tokens of a template, blocks of comments and translations emptied."""
    inside = ""
    for token in Lexer(source).tokenize():
        words = token.contents.split() if token.token_type == TokenType.BLOCK else []
        word = words[0] if words else ""
        if inside:
            inside = "" if word == f"end{inside}" else inside
            yield Token(TokenType.COMMENT, "\n" * _newlines(token), token.position, token.lineno)
            continue
        if word in ("blocktranslate", "blocktrans", "comment"):
            inside = word
        if words[:2] == ["block", "body_class"]:
            inside = word
        yield token


def _newlines(token: Token) -> int:
    return token.contents.count("\n")


def _bare(token: Token) -> str:
    """The text of a token, with as many lines as it has; nothing in place of tags and variables."""
    return token.contents if token.token_type == TokenType.TEXT else "\n" * _newlines(token)


def _literals(token: Token) -> Iterator[str]:
    if token.token_type not in (TokenType.VAR, TokenType.BLOCK):
        return
    contents = token.contents
    for found in _SHOWING_FILTER.finditer(contents):
        if _says(found[1] or found[2] or ""):
            yield found[0]
    if token.token_type == TokenType.BLOCK and contents.split()[0] in (
        "include",
        "with",
        "element",
        "firstof",
    ):
        for found in _SENTENCE_GIVEN.finditer(contents):
            if _READ_AS_TEXT.search(_NAME.sub("", found[1] or found[2] or "")):
                yield found[0]


def _says(text: str) -> bool:
    return bool(_LETTER.search(_NAME.sub("", text)))


class _Reader(HTMLParser):
    """Collects what is read aloud or on screen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within.append(tag)
        given = dict(attrs)
        shown = {name: text for name, text in attrs if name in _SHOWN}
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            shown["value"] = given.get("value")
        if tag == "meta" and given.get("name") == "description":
            shown["content"] = given.get("content")
        self.found += [
            (self.getpos()[0], f'{name}="{text.strip()}"')
            for name, text in shown.items()
            if text and _says(text)
        ]

    def handle_endtag(self, tag: str) -> None:
        while tag in self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        within = self._within[-1] if self._within else ""
        if within in _UNSEEN or (within == "kbd" and _KEY.fullmatch(data.strip())) or not _says(data):
            return
        before = data[: len(data) - len(data.lstrip())]
        self.found.append((self.getpos()[0] + before.count("\n"), " ".join(data.split())))


def main(paths: list[str]) -> int:
    found = 0
    for path in [Path(path).resolve() for path in paths] or TEMPLATES:
        for line, text in unmarked(path.read_text(), is_html=path.suffix == ".html"):
            print(f"{path.relative_to(ROOT)}:{line}: {text}")
            found += 1
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
