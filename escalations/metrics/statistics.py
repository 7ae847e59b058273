"""Plain statistics, and the percentiles that PostgreSQL computes."""

from collections.abc import Iterable
from math import sqrt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, FloatField

# Fewer cases than this make no rate and no percentile: "not enough data".
ENOUGH = 10
Z_95 = 1.959964


class Percentiles(Aggregate):
    """`percentile_cont`: the values under which these `fractions` of all lie, interpolated, in one sort."""

    function = "percentile_cont"
    template = "%(function)s(ARRAY[%(fractions)s]::float8[]) WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "Percentiles"
    output_field = ArrayField(FloatField())

    def __init__(self, expression: Any, fractions: Iterable[float], **extra: Any) -> None:
        listed = ", ".join(str(float(fraction)) for fraction in fractions)
        super().__init__(expression, fractions=listed, **extra)


def wilson(hits: float, n: float) -> tuple[float, float]:
    """The 95% score interval of a share; (0, 1) where nothing was counted.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)
