"""What a policy would have done with the runs and cases of the last days, before it is saved."""

from escalations.trial.evidence import DAYS, Evidence, gather
from escalations.trial.outcome import Outcome, Share, compare

__all__ = ["DAYS", "Evidence", "Outcome", "Share", "compare", "gather"]
