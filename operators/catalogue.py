"""The texts of the scripts in one language, as a script that pages load before the others."""

from functools import cache
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET
from django.views.i18n import JavaScriptCatalog

from operators import languages

_FOR_EVER = "public, max-age=31536000, immutable"


@login_not_required
@require_GET
def catalogue(request: HttpRequest, language: str, version: str) -> HttpResponse:
    """The texts as they are now. Only under the address of just these may a browser keep them."""
    if not languages.known(language):
        raise Http404("The desk does not speak that language.")
    answer = HttpResponse(_script(language), content_type="text/javascript; charset=utf-8")
    answer["Content-Language"] = language
    answer["Cache-Control"] = _FOR_EVER if version == _version(language) else "no-store"
    return answer


def address() -> str:
    """Where the texts in the language of the page are; another release has another address."""
    language = languages.known(translation.get_language() or "") or settings.LANGUAGE_CODE
    return reverse("catalogue", args=[language, _version(language)])


@cache
def _script(language: str) -> bytes:
    view = JavaScriptCatalog(packages=["operators"])
    with languages.written_in(language):
        return view.get(HttpRequest()).content


@cache
def _version(language: str) -> str:
    return sha256(_script(language)).hexdigest()[:12]
