"""The parts of the settings, in the order in which they are applied: what others name comes first."""

from escalations.configuring.sections import agents, desk, labels, people, running

SECTIONS = (
    desk.SKILLS,
    desk.CALENDARS,
    desk.QUEUES,
    agents.AGENTS,
    people.PEOPLE,
    labels.TAXONOMY,
    labels.GUIDELINES,
    labels.REVIEW_RATES,
    running.ALERTS,
    running.RETENTION,
)
