"""The open cases of the demo desk, by what they show. Every person, company and number in them is made up."""

from demo.scenarios import cascades, cost, dilution, edge_cases, integration, plain
from demo.writing import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *cascades.SCENARIOS,
    *edge_cases.SCENARIOS,
    *dilution.SCENARIOS,
    *integration.SCENARIOS,
    *cost.SCENARIOS,
    *plain.SCENARIOS,
)
