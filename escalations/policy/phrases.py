"""Words that people say, found in a text whatever their case, their spacing and the marks around them."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# No longer text is looked through; `POST /checks` takes none.
TEXT_MAX = 20_000
_WORD = re.compile(r"\w+")
_PEOPLE = "human|human being|human agent|person|agent|representative|operator|supervisor|manager"
_PEOPLE_DE = "menschen|person|mitarbeiter|mitarbeiterin"
# Fixed words, so that the same text always gets the same answer. They rather miss a request than hear one.
_REQUESTS = [
    re.compile(pattern)
    for pattern in (
        f" (?:talk|speak|chat) (?:to|with) (?:an? |the |your |some )?(?:real |live |actual )?(?:{_PEOPLE}) ",
        " (?:talk|speak|chat) (?:to|with) (?:somebody|someone) real ",
        f" (?:connect|transfer) me (?:to|with) (?:an? )?(?:real |live )?(?:{_PEOPLE}) ",
        f" put me through to (?:an? )?(?:real |live )?(?:{_PEOPLE}) ",
        " (?:i|we) (?:want|need) a (?:human|human being|human agent|real person|live person|live agent) ",
        f" mit (?:einem |einer )?(?:echten )?(?:{_PEOPLE_DE}) (?:sprechen|reden|telefonieren|verbinden) ",
        " (?:will|möchte|brauche) (?:einen|eine) (?:echten |echte )?(?:menschen|mitarbeiter|mitarbeiterin) ",
    )
]


def said(text: str, phrases: Iterable[str]) -> list[str]:
    """Those of `phrases` that stand in the first `TEXT_MAX` characters of `text` as whole words."""
    words = f" {_text_words(text[:TEXT_MAX])} "
    return [phrase for phrase in phrases if (wanted := _kept_words(phrase)) and f" {wanted} " in words]


# Of one text several sets of rules may ask in turn.
@lru_cache(maxsize=4)
def asks_for_person(text: str) -> bool:
    """Whether the user says, in English or German, that they want to talk to a person."""
    words = f" {_text_words(text[:TEXT_MAX])} "
    return any(request.search(words) for request in _REQUESTS)


def folded(text: str) -> str:
    """`text` without what eyes do not see: letter forms, case, marks of no width, spaces at its ends."""
    if text.isascii():
        return text.casefold().strip()
    visible = unicodedata.normalize("NFKC", text)
    hidden = [ord(letter) for letter in set(visible) if unicodedata.category(letter) == "Cf"]
    return visible.translate(dict.fromkeys(hidden)).casefold().strip()


@lru_cache(maxsize=2_000)
def _kept_words(phrase: str) -> str:
    return _words(phrase)


@lru_cache(maxsize=4)
def _text_words(text: str) -> str:
    return _words(text)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(folded(text)))
