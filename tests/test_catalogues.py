"""Each catalogue holds the texts of the sources and no others, all translated, and is compiled as it is."""

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
        sources, translations = _forms(message.id), _forms(message.string)
        assert len(translations) == (catalogue[0].num_plurals if message.pluralizable else 1)
        for number, translation in enumerate(translations):
            source = sources[min(number, len(sources) - 1)]
            assert sorted(_KEPT.findall(source)) == sorted(_KEPT.findall(translation)), source
            assert source.count("\n") == translation.count("\n")


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
