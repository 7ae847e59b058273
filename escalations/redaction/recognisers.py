"""What looks personal by itself, and how to be sure of it: patterns, with checksums where there are any.

Names and postal addresses have no pattern: agents name where they stand (`sensitive_paths`).
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

# Grows with every change of what is found, so that a dataset can say how it was redacted.
VERSION = 1

# What a placeholder looks like; see `redactor`. Nothing in it is ever recognised again.
PLACEHOLDER = re.compile(r"\[[A-Z]+_[0-9a-f]{10}\]")


@dataclass(frozen=True)
class Recogniser:
    """A kind of personal data. `is_one` tells a match from what only looks like one.

    `entity` is what two spellings of the same thing share.
    """

    kind: str
    pattern: re.Pattern[str]
    is_one: Callable[[str], bool] = bool
    entity: Callable[[str], str] = str.casefold


@dataclass(frozen=True)
class Found:
    """Where something personal stands in a text, and which entity it is."""

    start: int
    end: int
    kind: str
    entity: str


def find(text: str) -> list[Found]:
    """What is personal in `text`, from left to right; of two that overlap, the kind that is listed first."""
    taken: list[Found] = []
    gaps = [match.span() for match in PLACEHOLDER.finditer(text)]
    for recogniser in RECOGNISERS:
        part = "value" if recogniser.pattern.groupindex else 0
        for match in recogniser.pattern.finditer(text):
            start, end = match.span(part)
            if _touches(start, end, gaps) or not recogniser.is_one(match[part]):
                continue
            gaps.append((start, end))
            taken.append(Found(start, end, recogniser.kind, recogniser.entity(match[part])))
    return sorted(taken, key=lambda found: found.start)


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


def passes_luhn(text: str) -> bool:
    """Whether the digits end in the check digit of ISO/IEC 7812-1, as those of cards do."""
    digits = [int(digit) for digit in reversed(_digits(text))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits of an account number hold (ISO 13616, MOD 97-10)."""
    account = _compact(text)
    moved = account[4:] + account[:4]
    return len(account) in range(15, 35) and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    # The unspecified and the loopback address say nothing of anybody.
    return any(c.isdecimal() for c in text) and not address.is_unspecified and not address.is_loopback


def _is_phone(text: str) -> bool:
    return 7 <= len(_digits(text)) <= 15 and not re.match(r"\d{4}-\d\d-\d\d", text)


_START, _END = r"(?<![\w.+@/-])", r"(?![\w-])"
_SECRETS = "|".join(
    [
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
        r"\b(?:hr_live_|whsec_|sk-|[sr]k_(?:live|test)_|gh[pos]_|github_pat_|glpat-|xox[abpr]-|hf_|npm_)[\w-]{16,}",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\bAIza[\w-]{35}",
    ]
)
_DAY = (
    r"(?:\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? [^\W\d_]{3,9}\.? \d{4}"
    r"|[^\W\d_]{3,9} \d{1,2}, \d{4})"
)


def _phone(pattern: str) -> Recogniser:
    return Recogniser("PHONE", re.compile(pattern, re.IGNORECASE), _is_phone, _digits)


# `value` is the part that is personal, where that is not all of it.
RECOGNISERS = (
    Recogniser("SECRET", re.compile(_SECRETS), entity=str),
    Recogniser("SECRET", re.compile(r"\b[Bb]earer (?P<value>[\w.~+/-]{16,}=*)"), entity=str),
    Recogniser("SECRET", re.compile(r"://(?P<value>[^\s/:@]{1,64}:[^\s/@]{1,128})@"), entity=str),
    Recogniser("FILE", re.compile(r"data:[\w/.+-]*;base64,[\w+/=-]{16,}"), entity=str),
    Recogniser(
        "EMAIL", re.compile(r"(?<![\w.+-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[^\W\d_]{2,24}")
    ),
    Recogniser(
        "IBAN",
        re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b", re.IGNORECASE),
        is_iban,
        _compact,
    ),
    Recogniser("CARD", re.compile(rf"{_START}\d(?:[ -]?\d){{12,18}}{_END}"), passes_luhn, _digits),
    Recogniser(
        "SSN", re.compile(rf"{_START}(?!000|666|9)\d{{3}}-(?!00)\d\d-(?!0000)\d{{4}}{_END}"), entity=_digits
    ),
    Recogniser("IP", re.compile(rf"{_START}\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w-]|\.\d)"), _is_address),
    Recogniser(
        "IP", re.compile(r"(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])"), _is_address
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
    ),
)
