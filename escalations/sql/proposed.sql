-- What a decision is checked against.
SELECT escalation.kind, handoff.body
FROM escalations_escalation escalation
JOIN escalations_handoff handoff ON handoff.case_id = escalation.id
WHERE escalation.id = %(case_id)s;
