"""What looks personal by itself, and how to be sure of it: patterns, with checksums where there are any.

Names and postal addresses have no pattern: they are found by what a case says elsewhere (`told`).
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Grows with every change of what is found, so that a dataset can say how it was redacted.
VERSION = 3

# What a placeholder looks like; see `redactor`. Nothing in it is ever recognised again.
PLACEHOLDER = re.compile(r"\[[A-Z]+_[0-9a-f]{10}\]")


@dataclass(frozen=True)
class Recogniser:
    """A kind of personal data. `is_one` tells a match from what only looks like one.

    `entity` is what two spellings of the same thing share. A text without `needs` holds none: most texts are
    told apart by that alone, at a hundredth of the cost.
    """

    kind: str
    pattern: re.Pattern[str]
    is_one: Callable[[str], bool] = bool
    entity: Callable[[str], str] = str.casefold
    needs: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Found:
    """Where something personal stands in a text, and which entity it is."""

    start: int
    end: int
    kind: str
    entity: str


def find(text: str) -> Sequence[Found]:
    """What is personal in `text`, from left to right; of two that overlap, the kind that is listed first."""
    return _remembered(text) if len(text) <= _REMEMBERED else _found(text)


def _found(text: str) -> Sequence[Found]:
    taken: list[Found] = []
    gaps = [match.span() for match in PLACEHOLDER.finditer(text)]
    hinted = {needs: bool(needs.search(text)) for needs in _NEEDS}
    for recogniser in RECOGNISERS:
        if recogniser.needs and not hinted[recogniser.needs]:
            continue
        part = "value" if recogniser.pattern.groupindex else 0
        for match in recogniser.pattern.finditer(text):
            start, end = match.span(part)
            if _touches(start, end, gaps) or not recogniser.is_one(match[part]):
                continue
            gaps.append((start, end))
            taken.append(Found(start, end, recogniser.kind, recogniser.entity(match[part])))
    return tuple(sorted(taken, key=lambda found: found.start))


# The same system prompts, keys and names come again and again.
_REMEMBERED = 4_000
_remembered = lru_cache(maxsize=4_096)(_found)


def whole(text: str) -> Found | None:
    """What the text is, if all of it is one thing that is personal."""
    found = find(text)
    return found[0] if found and (found[0].start, found[0].end) == (0, len(text)) else None


def _touches(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < there_ends and there_starts < end for there_starts, there_ends in spans)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _compact(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def is_card(text: str) -> bool:
    """Whether these are digits as cards have them, with their check digit (ISO/IEC 7812-1)."""
    digits = _digits(text)
    return bool(_ISSUED.fullmatch(digits)) and passes_luhn(digits)


def passes_luhn(text: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    digits = [int(digit) for digit in reversed(text)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether this is as long as accounts of its country are, and the check digits hold (ISO 13616)."""
    account = _compact(text)
    if len(account) != _LENGTHS.get(account[:2]):
        return False
    moved = account[4:] + account[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    # The unspecified and the loopback address say nothing of anybody.
    return any(c.isdecimal() for c in text) and not address.is_unspecified and not address.is_loopback


def _is_phone(text: str) -> bool:
    return 7 <= len(_digits(text)) <= 15 and not re.match(r"\d{4}-\d\d-\d\d", text)


# Visa, Mastercard, American Express, Diners, JCB, UnionPay and Discover, Maestro.
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|6\d{12,18}|5[0678]\d{11,17}"
)
# SWIFT, IBAN Registry: how long the accounts of each country are.
_LENGTHS = {
    country: int(length)
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ DJ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC",
        32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_START, _END = r"(?<![\w.+@/-])", r"(?![\w-])"
_SECRETS = "|".join(
    [
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
        r"\b(?:hr_[a-z]+_|whsec_|sk-|[sr]k_(?:live|test)_|gh[pos]_|github_pat_|glpat-|xox[abpr]-|hf_|npm_)[\w-]{16,}",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\bAIza[\w-]{35}",
    ]
)
_DAY = (
    r"(?:\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? [^\W\d_]{3,9}\.? \d{4}"
    r"|[^\W\d_]{3,9} \d{1,2}, \d{4})"
)


_DIGITS = re.compile(r"\d(?:[^\d\n]{0,3}\d){6}")
_TIMES = re.compile(r"\d{2}|\d{1,2}[. ]")
_AT, _COLONS, _DOTS = re.compile("@"), re.compile(r":[0-9a-fA-F]{0,4}:"), re.compile(r"\d\.\d{1,3}\.\d")
_BASE64, _LONG = re.compile(";base64,"), re.compile(r"[\w.-]{19}|-----BEGIN")


def _phone(pattern: str) -> Recogniser:
    return Recogniser("PHONE", re.compile(pattern, re.IGNORECASE), _is_phone, _digits, _DIGITS)


# `value` is the part that is personal, where that is not all of it.
RECOGNISERS = (
    Recogniser("SECRET", re.compile(_SECRETS), entity=str, needs=_LONG),
    Recogniser(
        "SECRET",
        re.compile(r"\b[Bb]earer (?P<value>[\w.~+/-]{16,}=*)"),
        entity=str,
        needs=re.compile("earer "),
    ),
    Recogniser("SECRET", re.compile(r"://(?P<value>[^\s/:@]{1,64}:[^\s/@]{1,128})@"), entity=str, needs=_AT),
    Recogniser("FILE", re.compile(r"data:[\w/.+-]*;base64,[\w+/=-]{16,}"), entity=str, needs=_BASE64),
    Recogniser(
        "EMAIL",
        re.compile(r"(?<![\w.+-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[^\W\d_]{2,24}"),
        needs=_AT,
    ),
    Recogniser(
        "IBAN",
        re.compile(
            r"(?<![\w-])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![\w-])", re.IGNORECASE
        ),
        is_iban,
        _compact,
        needs=_DIGITS,
    ),
    Recogniser("CARD", re.compile(rf"{_START}\d(?:[ -]?\d){{12,18}}{_END}"), is_card, _digits, needs=_DIGITS),
    Recogniser(
        "SSN",
        re.compile(rf"{_START}(?!000|666|9)\d{{3}}-(?!00)\d\d-(?!0000)\d{{4}}{_END}"),
        entity=_digits,
        needs=_DIGITS,
    ),
    Recogniser(
        "IP", re.compile(rf"{_START}\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w-]|\.\d)"), _is_address, needs=_DOTS
    ),
    Recogniser(
        "IP",
        re.compile(r"(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])"),
        _is_address,
        needs=_COLONS,
    ),
    # International; with an area code in brackets; of ten digits in groups; with a trunk 0; named as one.
    _phone(rf"(?<![\w.])\+\d(?:[ ()./-]{{0,2}}\d){{6,14}}{_END}"),
    _phone(rf"{_START}\(0?\d{{2,4}}\)[ -]?\d{{3,4}}[ -]?\d{{3,5}}{_END}"),
    _phone(rf"{_START}(?P<value>\d{{3}}([-. ])\d{{3}}\2\d{{4}}){_END}"),
    _phone(rf"{_START}0\d{{2,4}}[ /-]\d{{2,4}}(?:[ -]?\d{{2,4}}){{1,3}}{_END}"),
    _phone(
        r"\b(?:phone|telephone|tel|mobile|cell|handy|telefon|rufnummer|call(?: me)?)\b[ \w:.#\"'=-]{0,12}?"
        rf"(?P<value>\d(?:[ ()./-]{{0,2}}\d){{6,14}}){_END}"
    ),
    Recogniser(
        "BIRTH",
        re.compile(
            r"\b(?:born|birth|birthday|date_of_birth|dob|geboren|geburtsdatum)\b[\w :=\"'-]{0,16}?"
            rf"(?P<value>{_DAY})",
            re.IGNORECASE,
        ),
        needs=_TIMES,
    ),
)
_NEEDS = {each.needs for each in RECOGNISERS if each.needs}
