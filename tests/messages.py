"""The catalogues of texts in `locale/`: `make messages` brings them up to date with the sources.

Nothing but the environment of the tests is needed. What the sources no longer say is dropped, what they say
anew stands in the .po files without a translation, and the .mo files are made of these.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE_LANGUAGE = "en"
DOMAINS = ("django", "djangojs")
_PACKAGES = ("config", "operators", "escalations", "agents_api")
_FUNCTIONS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}


def languages() -> list[str]:
    """Those that the desk is translated to."""
    return [code for code, _ in settings.LANGUAGES if code != SOURCE_LANGUAGE]


def path_of(language: str, domain: str, kind: str = "po") -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / f"{domain}.{kind}"


def in_sources(domain: str) -> Catalog:
    """All texts that the sources mark: pages and Python (`django`), scripts (`djangojs`)."""
    found = Catalog(charset="utf-8")
    for path, kind, source in _sources(domain):
        file = io.BytesIO(source.encode())
        for _, ids, _, context in extract(kind, file, _FUNCTIONS, options={"encoding": "utf-8"}):
            found.add(ids, locations=[(str(path.relative_to(ROOT)), 0)], context=context)
    return found


def written(language: str, domain: str) -> Catalog:
    """The texts with their translations, as committed; empty for a new language."""
    path = path_of(language, domain)
    if not path.exists():
        return Catalog(locale=language, project="Handrail", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def compiled(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def as_text(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=100, sort_output=True, include_lineno=False)
    return file.getvalue()


def updated(language: str, domain: str) -> Catalog:
    """What is written, with exactly the texts of the sources."""
    catalogue, found = written(language, domain), in_sources(domain)
    # The same sources make the same file.
    found.creation_date = catalogue.creation_date
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    for language in languages():
        for domain in DOMAINS:
            catalogue = updated(language, domain)
            path = path_of(language, domain)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_text(catalogue))
            path_of(language, domain, "mo").write_bytes(compiled(catalogue))
            missing = sum(not is_translated(message) for message in catalogue if message.id)
            print(f"{path.relative_to(ROOT)}: {len(catalogue)} texts, {missing} without a translation")


def is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.id, tuple) else bool(message.string)


def _sources(domain: str) -> Iterator[tuple[Path, str, str]]:
    """Path, kind and text of each file that may mark texts; templates as the Python that they amount to."""
    if domain == "djangojs":
        for path in sorted((ROOT / "static" / "js").glob("*.js")):
            yield path, "javascript", path.read_text()
        return
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, "python", path.read_text()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        amounts_to = templatize(path.read_text(), origin=str(path))
        yield path, "python", "\n".join(line.strip() for line in amounts_to.splitlines())


if __name__ == "__main__":
    main()
