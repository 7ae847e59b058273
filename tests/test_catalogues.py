"""Each catalogue holds exactly the texts of the sources, all of them translated, and was compiled as it is."""

import re

import pytest
from babel.messages.catalog import Catalog, Message

from tests import messages

CATALOGUES = [(language, domain) for language in messages.languages() for domain in messages.DOMAINS]
# What a value or markup takes the place of, which a translation must keep.
_KEPT = re.compile(r"%\(\w+\)s|%%|</?[a-z][^>]*>|\{\w+\}|https?://|--\w+")


@pytest.fixture(params=CATALOGUES, ids="-".join)
def catalogue(request: pytest.FixtureRequest) -> tuple[Catalog, str, str]:
    language, domain = request.param
    return messages.written(language, domain), language, domain


def texts(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_it_holds_the_texts_of_the_sources_and_no_others(catalogue):
    """If not: `make messages`, then translate what is new in the .po file, and `make messages` again."""
    written, _, domain = catalogue
    known = {(message.context, message.id) for message in texts(written)}
    assert known == {(message.context, message.id) for message in texts(messages.in_sources(domain))}
    assert not written.obsolete


def test_every_text_is_translated(catalogue):
    missing = [message.id for message in texts(catalogue[0]) if not messages.is_translated(message)]
    doubtful = [message.id for message in texts(catalogue[0]) if message.fuzzy]
    assert (missing, doubtful) == ([], [])


def test_translations_keep_values_and_markup(catalogue):
    for message in texts(catalogue[0]):
        for source, translation in zip(*map(_forms, (message.id, message.string)), strict=True):
            assert sorted(_KEPT.findall(source)) == sorted(_KEPT.findall(translation)), source
            assert source.startswith("\n") == translation.startswith("\n")
        assert not list(message.check(catalogue[0]))


def test_it_is_compiled(catalogue):
    """If not: `make messages`."""
    written, language, domain = catalogue
    assert messages.path_of(language, domain, "mo").read_bytes() == messages.compiled(written)


def test_the_command_changes_nothing_when_nothing_changed(catalogue):
    _, language, domain = catalogue
    assert (
        messages.as_text(messages.updated(language, domain))
        == messages.path_of(language, domain).read_bytes()
    )


def _forms(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return given if isinstance(given, tuple) else (given,)
