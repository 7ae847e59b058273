-- What a person has on their desk: cases under a live lease, and offers that they can still accept.
SELECT operator.capacity,
       (SELECT coalesce(sum(escalation.weight), 0)::int FROM escalations_escalation escalation
        WHERE escalation.holder_id = operator.id AND escalation.state = 'claimed'
          AND escalation.lease_expires_at > statement_timestamp()
          AND escalation.id IS DISTINCT FROM %(without)s::uuid) AS held,
       (SELECT coalesce(sum(offer.weight), 0)::int FROM escalations_offer offer
        WHERE offer.operator_id = operator.id AND offer.ended_at IS NULL
          AND offer.expires_at > statement_timestamp()
          AND offer.case_id IS DISTINCT FROM %(without)s::uuid) AS offered
FROM escalations_operator operator WHERE operator.id = %(operator_id)s;
