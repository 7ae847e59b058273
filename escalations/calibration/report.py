"""Everything that is told of a version's confidence, from the evidence and what is wanted."""

import numpy as np

from escalations.calibration import measures, threshold
from escalations.calibration.evidence import Evidence
from escalations.calibration.values import Findings, Possible


def findings(evidence: Evidence, *, alpha: float, delta: float) -> Findings:
    """What the evidence says, with a threshold above which at most alpha is wrong, as sure as 1 - delta."""
    confidence, wrong = evidence.confidence, evidence.wrong
    some = len(confidence) > 0
    return Findings(
        n=len(confidence),
        wrong=int(wrong.sum()),
        rate=evidence.rate,
        traffic=len(evidence.traffic),
        counts=evidence.counts,
        choice=threshold.choose(confidence, wrong, evidence.traffic, alpha=alpha, delta=delta),
        brier=measures.brier_interval(confidence, wrong) if some else None,
        ece=measures.ece_interval(confidence, wrong) if some else None,
        auroc=measures.auroc_interval(confidence, wrong) if some else None,
        area=measures.risk_coverage(confidence, wrong).area if some else None,
        bins=measures.bins(confidence, wrong) if some else [],
        possible=possible(evidence),
        seconds=evidence.seconds,
        hourly=evidence.hourly,
    )


def possible(evidence: Evidence) -> list[Possible]:
    """What each candidate would do, the lowest first."""
    confidence, wrong, traffic = evidence.confidence, evidence.wrong, np.sort(evidence.traffic)
    if not len(traffic):
        return []
    found = threshold.candidates(traffic)[::-1]
    shares = np.searchsorted(traffic, found) / len(traffic)
    below = np.searchsorted(np.sort(confidence), found)
    caught = np.searchsorted(np.sort(confidence[wrong]), found)
    return [
        Possible(threshold=float(each), share=float(share), n=int(n), errors=int(errors), caught=int(less))
        for each, share, n, errors, less in zip(
            found, shares, len(confidence) - below, wrong.sum() - caught, caught, strict=True
        )
    ]
