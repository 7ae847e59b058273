"""Takes what is personal out of what leaves the desk: what agents name first, then what can be recognised."""

from escalations.redaction.paths import UnreadablePath
from escalations.redaction.recognisers import VERSION
from escalations.redaction.redactor import Redactor
from escalations.redaction.rescan import Hit, hits

__all__ = ["VERSION", "Hit", "Redactor", "UnreadablePath", "hits"]
