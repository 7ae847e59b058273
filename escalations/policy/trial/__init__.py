"""What a policy would have done with the runs and cases of the last days, before it is saved."""

from escalations.policy.trial.basis import Basis
from escalations.policy.trial.evidence import DAYS, Evidence, gather, last_days
from escalations.policy.trial.outcome import Outcome, Share, Work, asked, compare

__all__ = ["DAYS", "Basis", "Evidence", "Outcome", "Share", "Work", "asked", "compare", "gather", "last_days"]
