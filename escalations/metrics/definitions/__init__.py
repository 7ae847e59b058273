"""Every metric of the desk, each defined once: in words here, in SQL in `facts/<name>.sql`.

Flows are counted when the event happened. Who else has metrics registers them (`registry.register`).
"""

from escalations.metrics.definitions import cost, flow, health, people, quality, times
from escalations.metrics.registry import register

_ALL = (flow, times, people, quality, cost, health)

register(metric for module in _ALL for metric in module.METRICS)
