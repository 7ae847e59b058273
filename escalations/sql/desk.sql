-- What the frame of every page shows to each of these people: presence, load, live offers, unread notices;
-- and the position of the event log that all of it was read at. Counts of notices stop at 100. Offers that ended
-- a moment ago without the person's doing are told with what became of them.
SELECT person.id AS operator_id, pg_current_snapshot()::text AS cursor, person.capacity,
    coalesce(presence.availability, 'available') AS availability,
    coalesce(presence.reason, '') AS reason,
    held.number AS holds, coalesce(held.weight, 0) + coalesce(offered.weight, 0) AS load,
    unread.number AS unread, coalesce(newest.id, 0) AS newest_notice,
    coalesce(offered.offers, '[]') AS offers, coalesce(over.offers, '[]') AS over
FROM escalations_operator person
LEFT JOIN escalations_presence presence ON presence.operator_id = person.id
LEFT JOIN LATERAL (
    SELECT count(*) AS number, sum(weight) AS weight FROM escalations_escalation
    WHERE holder_id = person.id AND state = 'claimed' AND lease_expires_at > statement_timestamp()
) held ON true
LEFT JOIN LATERAL (
    SELECT sum(offer.weight) AS weight,
        json_agg(json_build_object(
            'id', offer.id, 'case_id', offer.case_id, 'headline', escalation.headline,
            'kind', escalation.kind, 'priority', escalation.priority, 'queue', queue.name,
            'at_risk_at', escalation.at_risk_at, 'next_due_at', escalation.next_due_at,
            'next_clock', CASE escalation.next_due_at WHEN escalation.due_at THEN 'resolution'
                          WHEN escalation.response_due_at THEN 'response' ELSE 'pickup' END,
            'offered_at', offer.offered_at, 'expires_at', offer.expires_at
        ) ORDER BY offer.expires_at, offer.id) AS offers
    FROM escalations_offer offer
    JOIN escalations_escalation escalation ON escalation.id = offer.case_id
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    -- No offer stands for minutes: the time only tells the database where to look.
    WHERE offer.operator_id = person.id AND offer.offered_at > statement_timestamp() - interval '10 minutes'
        AND offer.ended_at IS NULL AND offer.expires_at > statement_timestamp()
) offered ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object(
            'id', offer.id, 'headline', escalation.headline, 'outcome', offer.outcome, 'state', escalation.state,
            'holder', coalesce(nullif(trim(concat_ws(' ', holder.first_name, holder.last_name)), ''), holder.username, '')
        ) ORDER BY offer.expires_at, offer.id) AS offers
    FROM escalations_offer offer
    JOIN escalations_escalation escalation ON escalation.id = offer.case_id
    LEFT JOIN escalations_operator holder ON holder.id = escalation.holder_id
    WHERE offer.operator_id = person.id AND offer.offered_at > statement_timestamp() - interval '10 minutes'
        AND offer.outcome IN ('', 'missed', 'rescinded')
        AND least(offer.ended_at, offer.expires_at) <= statement_timestamp()
        AND least(offer.ended_at, offer.expires_at) > statement_timestamp() - %(told)s::interval
        AND holder.id IS DISTINCT FROM person.id
        AND NOT EXISTS (
            SELECT FROM escalations_offer again
            WHERE again.case_id = offer.case_id AND again.operator_id = person.id AND again.id > offer.id)
) over ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM escalations_notice WHERE operator_id = person.id AND read_at IS NULL LIMIT 100
    ) counted
) unread ON true
LEFT JOIN LATERAL (
    SELECT max(id) AS id FROM escalations_notice WHERE operator_id = person.id
) newest ON true
WHERE person.id = ANY(%(operators)s);
