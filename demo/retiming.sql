-- Puts rows where `demo_moment` (case_id, place, happened_at) says. See demo/retiming.py.

-- Events first: the n-th of a case belongs at the n-th moment.
UPDATE escalations_event event SET created_at = moment.happened_at
FROM demo_moment moment
JOIN (
    SELECT id, case_id, row_number() OVER (PARTITION BY case_id ORDER BY id) AS place
    FROM escalations_event WHERE case_id IN (SELECT case_id FROM demo_moment)
) numbered ON numbered.case_id = moment.case_id AND numbered.place = moment.place
WHERE event.id = numbered.id;

-- The case itself, and its clocks and its rank as if it had come in then.
UPDATE escalations_escalation escalation
SET received_at = times.opened_at,
    clock_started_at = times.cycle_at,
    first_claimed_at = times.first_claimed_at,
    picked_up_at = (SELECT min(created_at) FROM escalations_event event
                    WHERE event.case_id = times.case_id AND event.kind = 'claimed' AND event.created_at >= times.cycle_at),
    closed_at = CASE WHEN escalation.closed_at IS NOT NULL THEN times.closed_at END,
    delivered_at = CASE WHEN escalation.delivered_at IS NOT NULL THEN (
        SELECT min(created_at) FROM escalations_event event
        WHERE event.case_id = times.case_id AND event.kind IN ('delivered', 'acknowledged')
          AND event.created_at >= times.closed_at) END,
    expires_at = CASE WHEN escalation.state = 'expired' THEN times.closed_at ELSE escalation.expires_at END,
    pickup_due_at = business_deadline(queue.calendar_id, times.cycle_at, target.pickup_seconds),
    due_at = business_deadline(queue.calendar_id, times.cycle_at, target.resolution_seconds),
    rank = greatest(0, escalation.priority - aged.steps),
    ages_at = CASE WHEN escalation.priority > aged.steps
                   THEN times.cycle_at + make_interval(secs => (aged.steps + 1) * queue.aging_seconds) END
FROM (
    SELECT case_id,
           min(created_at) AS opened_at,
           max(created_at) FILTER (WHERE kind IN ('opened', 'reopened')) AS cycle_at,
           min(created_at) FILTER (WHERE kind = 'claimed') AS first_claimed_at,
           max(created_at) FILTER (WHERE kind IN ('resolved', 'cancelled', 'expired')) AS closed_at
    FROM escalations_event WHERE case_id IN (SELECT case_id FROM demo_moment) GROUP BY case_id
) times, escalations_queue queue, escalations_slatarget target,
LATERAL (SELECT floor(extract(epoch FROM statement_timestamp() - times.cycle_at) / queue.aging_seconds)::int AS steps) aged
WHERE escalation.id = times.case_id AND queue.id = escalation.queue_id
  AND target.queue_id = queue.id AND target.priority = escalation.priority;

-- A claim starts with its event, or by being passed into somebody's hands, and ends with the next one.
UPDATE escalations_claim claim SET started_at = times.started_at, ended_at = times.ended_at
FROM (
    SELECT case_id, begins, created_at AS started_at,
           row_number() OVER (PARTITION BY case_id, begins ORDER BY id) AS token,
           lead(created_at) OVER (PARTITION BY case_id ORDER BY id) AS ended_at
    FROM escalations_event,
    LATERAL (SELECT kind = 'claimed' OR (kind = 'transferred' AND data ? 'operator') AS begins) what
    WHERE case_id IN (SELECT case_id FROM demo_moment) AND kind NOT IN ('offered', 'offer_ended')
) times
WHERE times.begins AND claim.case_id = times.case_id AND claim.token = times.token;

-- An offer is made and ends with its events: nobody is offered the same case twice here.
UPDATE escalations_offer offer
SET offered_at = made.created_at, ended_at = ended.created_at,
    expires_at = CASE WHEN offer.outcome = 'missed' THEN ended.created_at
                      ELSE made.created_at + (offer.expires_at - offer.offered_at) END
FROM escalations_event made, escalations_event ended
WHERE offer.case_id IN (SELECT case_id FROM demo_moment)
  AND made.case_id = offer.case_id AND made.kind = 'offered' AND made.data ->> 'offer' = offer.id::text
  AND ended.case_id = offer.case_id AND ended.kind = 'offer_ended' AND ended.data -> 'operator' = made.data -> 'operator';

-- Who is given a case hears of it then.
UPDATE escalations_notice notice SET created_at = event.created_at
FROM escalations_event event
WHERE notice.kind = 'assigned' AND event.case_id = notice.case_id AND event.kind = 'transferred'
  AND event.case_id IN (SELECT case_id FROM demo_moment);

-- A resolution is made with its event and superseded by the next one.
UPDATE escalations_resolution resolution
SET created_at = times.decided_at,
    superseded_at = CASE WHEN resolution.superseded_at IS NOT NULL THEN times.next_at END
FROM (
    SELECT case_id, kind, created_at AS decided_at,
           row_number() OVER (PARTITION BY case_id, kind ORDER BY id) AS cycle,
           lead(created_at) OVER (PARTITION BY case_id ORDER BY id) AS next_at
    FROM escalations_event WHERE case_id IN (SELECT case_id FROM demo_moment)
) times
WHERE times.kind IN ('resolved', 'expired')
  AND resolution.case_id = times.case_id AND resolution.cycle = times.cycle;

-- As escalations/sql/resolve.sql works it out.
UPDATE escalations_resolution resolution SET opened_at = held.opened_at, handle_seconds = held.seconds
FROM (
    SELECT decided.id, max(claim.started_at) AS opened_at,
           sum(extract(epoch FROM claim.ended_at - claim.started_at)) AS seconds
    FROM escalations_resolution decided
    JOIN escalations_claim claim ON claim.case_id = decided.case_id AND claim.started_at < decided.created_at
    WHERE decided.case_id IN (SELECT case_id FROM demo_moment)
    GROUP BY decided.id
) held
WHERE held.id = resolution.id;

UPDATE escalations_labelrevision revision
SET opened_at = resolution.opened_at, submitted_at = resolution.created_at
FROM escalations_resolution resolution
WHERE resolution.id = revision.resolution_id AND resolution.case_id IN (SELECT case_id FROM demo_moment);

UPDATE escalations_labelsuggestion suggestion SET created_at = resolution.created_at
FROM escalations_resolution resolution
WHERE resolution.id = suggestion.resolution_id AND resolution.case_id IN (SELECT case_id FROM demo_moment);

-- Turns that came while the case waited.
UPDATE escalations_turn turn SET created_at = times.happened_at
FROM (
    SELECT case_id, created_at AS happened_at, row_number() OVER (PARTITION BY case_id ORDER BY id) AS place
    FROM escalations_event WHERE kind = 'message' AND case_id IN (SELECT case_id FROM demo_moment)
) times
JOIN (
    SELECT id, case_id, row_number() OVER (PARTITION BY case_id ORDER BY id) AS place FROM escalations_turn
) numbered USING (case_id, place)
WHERE turn.id = numbered.id;

-- The clocks of closed cases need no timers. Those of open cases ring as soon as they are looked at, and tell
-- of the step that their clock has reached by now.
DELETE FROM escalations_timer timer USING escalations_escalation escalation
WHERE escalation.id = timer.case_id AND escalation.closed_at IS NOT NULL
  AND timer.case_id IN (SELECT case_id FROM demo_moment);

UPDATE escalations_timer timer SET due_at = escalation.clock_started_at
FROM escalations_escalation escalation
WHERE escalation.id = timer.case_id AND timer.case_id IN (SELECT case_id FROM demo_moment)
  AND timer.kind IN ('pickup', 'resolution');

-- Idempotency keys age with their cases.
UPDATE escalations_idempotencyrecord record SET created_at = escalation.received_at
FROM escalations_escalation escalation
WHERE escalation.id = record.case_id AND record.case_id IN (SELECT case_id FROM demo_moment);
