"""What a case itself says about people: what stands under keys that name somebody, or where they live.

`{"first_name": "Rosa", "address": {"street": "763 Broadway"}}`, wherever it stands: in arguments and answers
of tools, facts, metadata, also as JSON in texts. By that, names and places are found in running text, too.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from escalations.redaction.words import COMMON, NOBODY, PARTS_OF_MANY

_PERSON = (
    "beneficiary|buyer|caller|cardholder|client|contact|customer|employee|guest|holder|kunde|member|owner"
    "|passenger|patient|payer|person|recipient|sender|traveler|traveller|user"
)
_NAME = (
    "(?:first|last|middle|full|given|family|maiden|birth) ?names?|surname|forename|vorname|nachname"
    f"|(?:{_PERSON}|kunden) name"
)
_PLACE = "address|street|street name|address line|strasse|straße|anschrift|adresse"
_ZIP = "zip|zip ?code|postal code|postcode|plz"
_NUMBER = (
    "(?:phone|telephone|mobile|cell|telefon|fax)(?: number| no)?|birth ?date|birth ?day|date of birth|dob"
    "|geburtsdatum|passport(?: number| no)?|ssn|social security number|national id|tax id"
    f"|(?:driver s? ?|driving )?licen[cs]e(?: number)?|iban|(?:account|card|id card) number|{_ZIP}"
)
_EMAIL = "e ?mail"
_SOMEBODY = re.compile(rf"(?:.* )?(?:{_PERSON})s?")
_IN_A_CITY = re.compile(rf"(?:^| )(?:{_ZIP})$")
# The parts of a key, however it is written: first_name, firstName, FIRST-NAME, address1.
_PARTS = re.compile(r"[A-ZÄÖÜ]?[a-zäöüß]+|[A-ZÄÖÜ]+(?![a-zäöüß])")
_LONGEST_NAME, _LONGEST_PLACE, _LONGEST_NUMBER = 80, 200, 60
# They say nothing of one person; schemas have keys that only name what may stand there.
_OF_MANY = frozenset(("country", "state", "region", "province", "type", "kind", "label"))
_SCHEMAS = frozenset(("input_schema", "parameters", "properties", "response_schema", "schema", "$defs"))

# How a document begins, and an object in the midst of a text; of very many that are none some are tried.
_DOCUMENT, _OBJECT, _TRIED = re.compile(r"\s*[{\[]"), re.compile(r'\{\s*"'), 50
_DECODER = json.JSONDecoder()

Fits = Callable[[str], bool]


def is_schema(key: str) -> bool:
    """Whether what stands there describes values, and holds none."""
    return key in _SCHEMAS


def is_of_many(key: str) -> bool:
    """Whether what stands there, in somebody's address say, is shared by very many."""
    return _words(key).split(" ")[0] in _OF_MANY


def personal_keys(mapping: Mapping[str, Any], above: str) -> dict[str, Fits]:
    """The keys of `mapping` that name a person or their place, each with what its values look like.

    `name` and `city` alone say nothing of a person: they do beside other such keys, and a name does under
    a key that means somebody, which is `above`.
    """
    kinds = {key: fits for key in mapping if (fits := _kind(key))}
    by_words = {_words(key): key for key in mapping}
    if (name := by_words.get("name")) and (kinds or _SOMEBODY.fullmatch(_words(above))):
        kinds[name] = _is_name
    if any(fits is _is_place or _IN_A_CITY.search(_words(key)) for key, fits in kinds.items()):
        kinds |= {by_words[word]: _is_place for word in ("city", "town", "ort") if word in by_words}
    return kinds


def told(value: Any, above: str = "") -> Iterator[str]:
    """What stands under such keys in a document, as texts that may stand elsewhere."""
    if isinstance(value, str):
        whole = document(value)
        value = list(objects(value).values()) if whole is None else whole
    if isinstance(value, list):
        for item in value:
            yield from told(item, above)
    elif isinstance(value, dict):
        yield from _told_by(value, above)


def _told_by(mapping: Mapping[str, Any], above: str) -> Iterator[str]:
    kinds = personal_keys(mapping, above)
    for key, inner in mapping.items():
        if key in kinds:
            yield from _below(inner, kinds[key])
        elif not is_schema(key):
            yield from told(inner, key)


def is_telling(text: str) -> bool:
    """Whether it tells a person even in the midst of a text: long enough, and no word for nobody."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return (letters >= 3 or digits >= 5) and not is_nobody(text)


def is_nobody(text: str) -> bool:
    """Whether it says that nobody is known, or names a role."""
    return text.casefold() in NOBODY


def is_common(text: str) -> bool:
    """Whether it is a word of the language as well, such as Will or Rose."""
    return text.casefold() in COMMON


def document(text: str) -> Any:
    """The object or list that a text holds, or None."""
    if not _DOCUMENT.match(text):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def objects(text: str) -> dict[range, Any]:
    """The objects that stand in the midst of a text, by where, from left to right."""
    found: dict[range, Any] = {}
    at = 0
    for _ in range(_TRIED):
        if (begins := _OBJECT.search(text, at)) is None:
            break
        try:
            inner, at = _DECODER.raw_decode(text, begins.start())
        except (ValueError, RecursionError):
            at = begins.end()
        else:
            found[range(begins.start(), at)] = inner
    return found


def _below(value: Any, fits: Fits) -> Iterator[str]:
    value = _read(value)
    if isinstance(value, dict | list):
        inside = value if isinstance(value, list) else [value[key] for key in value if not is_of_many(key)]
        for inner in inside:
            yield from _below(inner, fits)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value).strip()
        if fits(text):
            yield from (text, *_parts(text, fits))


def _read(value: Any) -> Any:
    """The value, or what stands in it where it is the text of a document."""
    inner = document(value) if isinstance(value, str) else None
    return value if inner is None else inner


def _parts(text: str, fits: Fits) -> Iterator[str]:
    """What tells the person by itself: each of the names, each line of an address that has a number."""
    if fits is _is_name:
        yield from (part for part in re.split(r"[\s,.]+", text) if part.casefold() not in PARTS_OF_MANY)
    elif fits is _is_place:
        lines = (line.strip() for line in re.split(r"[,;\n]", text))
        yield from (line for line in lines if any(map(str.isdigit, line)))


@lru_cache(maxsize=4_096)
def _kind(key: str) -> Fits | None:
    kinds = {_NAME: _is_name, _PLACE: _is_place, _NUMBER: _is_number, _EMAIL: _is_email}
    words = _words(key)
    return next((fits for names, fits in kinds.items() if re.fullmatch(f"(?:.* )?(?:{names})", words)), None)


@lru_cache(maxsize=4_096)
def _words(key: str) -> str:
    return " ".join(_PARTS.findall(key[:100])).lower()


def _is_name(text: str) -> bool:
    is_plain = not re.search(r"[\d_@/{}<>]", text) and len(text.split()) <= 6
    return is_plain and _says_something(text, _LONGEST_NAME)


def _is_place(text: str) -> bool:
    return _says_something(text, _LONGEST_PLACE)


def _is_number(text: str) -> bool:
    return any(map(str.isdigit, text)) and _says_something(text, _LONGEST_NUMBER)


def _is_email(text: str) -> bool:
    return "@" in text and _says_something(text, _LONGEST_PLACE)


def _says_something(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and not is_nobody(text)
