"""Labels that were made elsewhere, read from JSON Lines: `docs/labels.schema.json` has what a line says."""

from escalations.label_import.lines import BODY_MAX, LINES_MAX
from escalations.label_import.reading import read_waiting
from escalations.label_import.refusals import told
from escalations.label_import.schema import SCHEMA
from escalations.label_import.starting import UnusableFile, start

__all__ = ["BODY_MAX", "LINES_MAX", "SCHEMA", "UnusableFile", "read_waiting", "start", "told"]
