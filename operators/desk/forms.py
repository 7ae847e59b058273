"""What a person chooses for themselves, and the keys."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalations.models import Operator, Weekday
from escalations.models.people import Digest
from operators import keymap
from operators.desk import weekly_mail
from operators.keymap import Page
from operators.models import Macro


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs: ModelForm takes its model only while typing
    """Looks, time, and how the desk reaches the person."""

    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    digest = forms.ChoiceField(
        label=_("Mail me unread notices"),
        choices=Digest.choices,
        help_text=_("One mail with all that you have not read, and links that only lead to it."),
    )
    mails_alerts = forms.BooleanField(
        label=_("Mail me at once when a case is late, nobody can take one, or an alert begins"),
        required=False,
    )
    weekly_report = forms.ChoiceField(
        label=_("Mail me the report of the week before"),
        choices=[
            ("", _("Never")),
            *((str(day.value), format_lazy("{}, 7:00", day.label)) for day in Weekday),
        ],
        required=False,
    )
    sounds = forms.BooleanField(label=_("A short tone for offers and notices"), required=False)
    single_keys = forms.BooleanField(label=_("Single-letter keys are on"), required=False)

    class Meta:
        model = Operator
        fields = ("theme", "language", "timezone", "digest", "mails_alerts", "sounds", "single_keys")
        labels = {"timezone": _("Time zone")}

    def __init__(self, operator: Operator, data: Any = None) -> None:
        super().__init__(data, instance=operator, auto_id="preference-%s")
        # Each under its own name, so that who reads no other finds it.
        languages = [("", _("As the browser")), *settings.LANGUAGES]
        self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=languages, required=False)
        if not operator.is_supervisor:
            del self.fields["mails_alerts"]
            del self.fields["weekly_report"]
        else:
            self.fields["weekly_report"].initial = weekly_mail.day_of(operator)
        if operator.is_desk_admin:
            self.fields["mails_alerts"].label = _(
                "Mail me at once when a case is late, nobody can take one, an alert begins, "
                "or webhooks were turned off"
            )
        self.fields["timezone"].widget.attrs = {"list": "timezones", "autocomplete": "off"}

    def clean_timezone(self) -> str:
        name: str = self.cleaned_data["timezone"]
        if name not in available_timezones():
            raise forms.ValidationError(gettext("There is no such time zone. Choose one from the list."))
        return name

    def clean_digest(self) -> str:
        digest: str = self.cleaned_data["digest"]
        if digest != Digest.OFF:
            self._ensure_mail_can_come()
        return digest

    def clean_mails_alerts(self) -> bool:
        wanted: bool = self.cleaned_data["mails_alerts"]
        if wanted:
            self._ensure_mail_can_come()
        return wanted

    def clean_weekly_report(self) -> int | None:
        day: str = self.cleaned_data["weekly_report"]
        if not day:
            return None
        self._ensure_mail_can_come()
        return int(day)

    def _ensure_mail_can_come(self) -> None:
        if not settings.SENDS_MAIL:
            raise forms.ValidationError(
                gettext("This desk sends no mail. An admin can set it up with EMAIL_URL.")
            )
        if not self.instance.email:
            raise forms.ValidationError(
                gettext("Nobody told the desk your mail address. Ask an admin to enter it.")
            )


class KeysForm(forms.Form):
    """A field for each action, named by it; an empty one stands for the default key."""

    def __init__(self, operator: Operator, data: Any = None) -> None:
        keys = {name: keymap.written(key) for name, key in keymap.keys_of(operator.keymap).items()}
        self.operator = operator
        super().__init__(data, prefix="key", auto_id="%s", initial=keys)
        for action in keymap.ACTIONS:
            self.fields[action.name] = forms.CharField(label=str(action.label), max_length=20, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = {name: keymap.read(text) for name, text in (super().clean() or {}).items()}
        for name, sentence in keymap.faults(keymap.differing(cleaned)).items():
            self.add_error(name, sentence)
        self._keep_off_macros(keymap.differing(cleaned))
        return cleaned

    def _keep_off_macros(self, keys: Mapping[str, str]) -> None:
        """Refuse keys that the person gave to macros, where both would work."""
        macros = dict(Macro.objects.filter(owner=self.operator).exclude(key="").values_list("key", "name"))
        for action in keymap.ACTIONS:
            key = keys.get(action.name, "")
            if key in macros and keymap.is_on_case(action):
                words = gettext("%(key)s is the key of your macro “%(macro)s”. Choose another key.")
                self.add_error(action.name, words % {"key": keymap.shown(key), "macro": macros[key]})

    @property
    def keymap(self) -> dict[str, str]:
        """What is to be kept, once the form is valid."""
        return keymap.differing(self.cleaned_data)

    def by_page(self) -> dict[Page, list[tuple[forms.BoundField, str]]]:
        """The fields with their default keys, under the pages that they are for."""
        pages: dict[Page, list[tuple[forms.BoundField, str]]] = {}
        for action in keymap.ACTIONS:
            pages.setdefault(action.page, []).append((self[action.name], keymap.written(action.key)))
        return pages
