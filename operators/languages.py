"""Which language somebody reads: one of `settings.LANGUAGES`, always."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation

from escalations.models import Operator


def known(language: str) -> str:
    """The language if the desk speaks it, else nothing."""
    return language if language in dict(settings.LANGUAGES) else ""


def language_of(operator: Operator, otherwise: str = "") -> str:
    """What the person chose, else `otherwise` if the desk speaks it, else the desk's own language."""
    return known(operator.language) or known(otherwise) or settings.LANGUAGE_CODE


def written_in(language: str) -> AbstractContextManager[None]:
    """What is rendered in this context is in that language, whatever was spoken in this thread before."""
    return translation.override(language)
