"""What a person chooses for themselves."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from operators.access import signed_in
from operators.answers import back, go
from operators.desk import digest, weekly_mail
from operators.desk.forms import KeysForm, PreferencesForm
from operators.languages import language_of, written_in

_THEMES = ("system", "light", "dark")
_SWITCH = {"on": True, "off": False}


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Looks, time, notices and keys on one page. POST changes all but the keys."""
    operator = signed_in(request)
    if request.method == "GET":
        return _page(request, PreferencesForm(operator), KeysForm(operator))
    form = PreferencesForm(operator, request.POST)
    if not form.is_valid():
        operator.refresh_from_db()  # the page around the form shows what holds
        return _page(request, form, KeysForm(operator), status=422)
    operator.save(update_fields=form.Meta.fields)
    if "mails_alerts" in form.changed_data:
        digest.pass_over_alerts_so_far(operator)
    if "weekly_report" in form.cleaned_data:
        weekly_mail.choose(operator, form.cleaned_data["weekly_report"])
    with written_in(language_of(operator, get_language_from_request(request))):
        messages.success(request, _("Your preferences are saved."))
    return go(request, "preferences")


@require_POST
def set_keys(request: HttpRequest) -> HttpResponse:
    """Change keys; two actions that meet on a page cannot have the same. `reset` brings the default ones."""
    operator = signed_in(request)
    form = KeysForm(operator, {} if "reset" in request.POST else request.POST)
    if not form.is_valid():
        return _page(request, PreferencesForm(operator), form, status=422)
    operator.keymap = form.keymap
    operator.save(update_fields=["keymap"])
    messages.success(
        request, _("Your keys are saved.") if form.keymap else _("The keys are the default ones.")
    )
    return HttpResponseRedirect(f"{resolve_url('preferences')}#keys")


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Fix the theme, or follow the system."""
    theme = request.POST.get("theme", "")
    return _set(request, "theme", theme, is_known=theme in _THEMES)


@require_POST
def set_timezone(request: HttpRequest) -> HttpResponse:
    """Show times in another time zone, by its name in the IANA database."""
    timezone = request.POST.get("timezone", "")
    return _set(request, "timezone", timezone, is_known=timezone in available_timezones())


@require_POST
def set_single_keys(request: HttpRequest) -> HttpResponse:
    """Switch keys that are single letters on or off, on every device of the person (WCAG 2.1.4)."""
    chosen = request.POST.get("single_keys", "")
    return _set(request, "single_keys", _SWITCH.get(chosen), is_known=chosen in _SWITCH)


def _set(request: HttpRequest, field: str, value: Any, *, is_known: bool) -> HttpResponse:
    if not is_known:
        return HttpResponseBadRequest(_("There is no such choice."))
    operator = signed_in(request)
    setattr(operator, field, value)
    operator.save(update_fields=[field])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return back(request)


def _page(request: HttpRequest, form: PreferencesForm, keys: KeysForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "keys": keys, "timezones": sorted(available_timezones())}
    return render(request, "operators/desk/preferences.html", context, status=status)
