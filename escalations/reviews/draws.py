"""Draws that come out the same whenever they are asked, and that nobody outside the desk can foretell."""

from django.utils.crypto import salted_hmac

_FLOAT_BITS = 53  # what a float holds exactly


def uniform(salt: str, subject: str) -> float:
    """A number in [0, 1) for the subject: an HMAC-SHA256 under a key derived from SECRET_KEY and `salt`."""
    digest = salted_hmac(salt, subject, algorithm="sha256").digest()
    return float((int.from_bytes(digest[:8], "big") >> (64 - _FLOAT_BITS)) / (1 << _FLOAT_BITS))
