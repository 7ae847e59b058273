"""Take a file in: it is kept, and read in the background."""

from django.db import transaction
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.labels.label_import import lines
from escalations.models import ImportedFile, LabelImport, Operator


class UnusableFile(ValueError):
    """The file cannot be read at all; says why. Nothing was kept."""


def start(
    body: bytes,
    *,
    operator: Operator,
    actor: str,
    source: str = "",
    all_or_nothing: bool = False,
    over_settled: bool = False,
) -> LabelImport:
    """Keep the lines of `body` to be read soon; `operator` stands for them. Ask for it with a nudge.

    Raises:
        UnusableFile: it is empty, or too large.
    """
    found = lines.of_file(body)
    if not found:
        raise UnusableFile(_("The file has no lines."))
    if len(body) > lines.BODY_MAX or len(found) > lines.LINES_MAX:
        raise UnusableFile(_("The file is too large: up to 20 MiB and 100,000 lines. Send it in parts."))
    with transaction.atomic():
        label_import = LabelImport.objects.create(
            operator=operator,
            source=source,
            all_or_nothing=all_or_nothing,
            over_settled=over_settled,
            lines=len(found),
        )
        ImportedFile.objects.create(label_import=label_import, body=body)
        audit.write(actor=actor, action="labels.import", target=f"label_import:{label_import.pk}")
    return label_import
