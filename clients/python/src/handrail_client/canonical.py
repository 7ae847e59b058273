"""Canonical JSON (RFC 8785), and the digest that a decision is bound to."""

import json
import math
from decimal import Decimal
from hashlib import sha256
from typing import Any

_LARGEST = 2**53 - 1


def digest(arguments: Any) -> str:
    """`sha-256=` and the hexadecimal SHA-256 of the canonical JSON of `arguments`.

    Raises:
        ValueError: they have no canonical form: NaN, an integer beyond 2^53 - 1, half a surrogate pair.
    """
    return "sha-256=" + sha256(canonical(arguments)).hexdigest()


def canonical(value: Any) -> bytes:
    """The bytes of RFC 8785. ValueError and TypeError: there are none."""
    return _written(value).encode()


def _written(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ValueError("an integer beyond 2^53 - 1 has no canonical form: make it a text")
        return str(int(value))
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, dict):
        # By UTF-16 code units (RFC 8785, 3.2.3).
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_written(name)}:{_written(value[name])}" for name in names) + "}"
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _number(value: float) -> str:
    """As ECMAScript writes a number (ECMA-262, Number::toString); Python finds the same shortest digits."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no form in JSON")
    if value == 0:
        return "0"
    parts = Decimal(repr(abs(value))).as_tuple()
    all_digits = "".join(map(str, parts.digits))
    digits = all_digits.rstrip("0")
    point = len(all_digits) + int(parts.exponent)
    sign = "-" if value < 0 else ""
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{digits.rjust(len(digits) - point, '0')}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"
