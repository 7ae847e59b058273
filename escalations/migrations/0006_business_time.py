"""Business time as functions of the database, so that statements, transitions and sweeps share one definition.

Without a calendar they are plain arithmetic, which the planner inlines.
"""

from django.db import migrations

# The stretches of time in which a calendar is open, in order, without overlaps, cut to [since, until).
# Open is every instant whose clock on the wall lies within opening hours on a day that is no holiday. So an
# hour that the change to summer time skips does not count, and one that the change back repeats counts twice.
# To get that right time is cut where the offset from UTC changes, which is looked for day by day and then by
# quarter hours.
SPANS = """
CREATE FUNCTION business_spans(calendar bigint, since timestamptz, until timestamptz)
RETURNS TABLE (span_start timestamptz, span_end timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20 AS $$
DECLARE
    zone text := (SELECT timezone FROM escalations_calendar WHERE id = calendar);
BEGIN
    RETURN QUERY
    WITH day AS (
        SELECT moment, lead(moment, 1, until) OVER (ORDER BY moment) AS ends
        FROM generate_series(since, until, interval '24 hours') moment
    ),
    mark AS (
        SELECT since AS moment
        UNION
        SELECT quarter
        FROM day, LATERAL generate_series(
            date_bin('15 minutes', day.moment, timestamptz '2000-01-01 00:00+00'), day.ends, interval '15 minutes') quarter
        WHERE (day.moment AT TIME ZONE zone) - (day.moment AT TIME ZONE 'UTC')
              <> (day.ends AT TIME ZONE zone) - (day.ends AT TIME ZONE 'UTC')
          AND quarter > since AND quarter < until
    ),
    shifted AS (
        SELECT moment, (moment AT TIME ZONE zone) - (moment AT TIME ZONE 'UTC') AS ahead,
               lag((moment AT TIME ZONE zone) - (moment AT TIME ZONE 'UTC')) OVER (ORDER BY moment) AS ahead_before
        FROM mark
    ),
    steady AS (
        SELECT moment AS starts, lead(moment, 1, until) OVER (ORDER BY moment) AS ends, ahead
        FROM shifted WHERE ahead_before IS NULL OR ahead <> ahead_before
    ),
    open AS (
        SELECT greatest(steady.starts, (date + hours.opens - steady.ahead) AT TIME ZONE 'UTC') AS starts,
               least(steady.ends,
                     (CASE WHEN hours.closes = time '23:59:59.999999' THEN date + interval '1 day'
                           ELSE date + hours.closes END - steady.ahead) AT TIME ZONE 'UTC') AS ends
        FROM steady
        CROSS JOIN LATERAL generate_series(
            ((steady.starts AT TIME ZONE 'UTC') + steady.ahead)::date::timestamp,
            (steady.ends AT TIME ZONE 'UTC') + steady.ahead, interval '1 day') date
        JOIN escalations_openinghours hours
          ON hours.calendar_id = calendar AND hours.weekday = extract(isodow FROM date) - 1
        WHERE NOT EXISTS (
            SELECT FROM escalations_holiday holiday WHERE holiday.calendar_id = calendar AND holiday.day = date::date)
    ),
    numbered AS (
        SELECT starts, ends, count(*) FILTER (WHERE is_new) OVER (ORDER BY starts, ends) AS island
        FROM (
            SELECT starts, ends,
                   starts > coalesce(max(ends) OVER (
                       ORDER BY starts, ends ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '-infinity') AS is_new
            FROM open WHERE starts < ends
        ) told
    )
    SELECT min(starts), max(ends) FROM numbered GROUP BY island ORDER BY island;
END
$$;
"""

# A calendar that opens too little to get there in 400 days gives the end of that time: intake must not fail.
DEADLINE = """
CREATE FUNCTION business_deadline_within(calendar bigint, start timestamptz, seconds double precision)
RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    days int;
    found timestamptz;
BEGIN
    IF seconds <= 0 THEN
        RETURN start;
    END IF;
    FOREACH days IN ARRAY ARRAY[7, 35, 400] LOOP
        SELECT span.span_end - make_interval(secs => span.open_by_then - seconds) INTO found
        FROM (
            SELECT span_end, sum(extract(epoch FROM span_end - span_start)) OVER (ORDER BY span_start)::double precision
                             AS open_by_then
            FROM business_spans(calendar, start, start + make_interval(hours => 24 * days))
        ) span
        WHERE span.open_by_then >= seconds
        ORDER BY span.span_end LIMIT 1;
        IF found IS NOT NULL THEN
            RETURN found;
        END IF;
    END LOOP;
    RETURN start + interval '9600 hours';
END
$$;

CREATE FUNCTION business_deadline(calendar_id bigint, start timestamptz, seconds double precision)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN calendar_id IS NULL THEN start + make_interval(secs => seconds)
                ELSE business_deadline_within(calendar_id, start, seconds) END
$$;
"""

SECONDS = """
CREATE FUNCTION business_seconds_within(calendar bigint, since timestamptz, until timestamptz)
RETURNS double precision LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(extract(epoch FROM span_end - span_start)), 0)
        FROM business_spans(calendar, since, until));
END
$$;

CREATE FUNCTION business_seconds(calendar_id bigint, since timestamptz, until timestamptz)
RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN calendar_id IS NULL THEN greatest(extract(epoch FROM until - since), 0)::double precision
                ELSE business_seconds_within(calendar_id, since, until) END
$$;
"""

# An unknown zone would make every handoff to its queues fail, so no row may hold one.
ZONE = """
ALTER TABLE escalations_calendar ADD CONSTRAINT calendar_zone_is_known
CHECK (timestamptz '2000-01-01 00:00+00' AT TIME ZONE timezone IS NOT NULL);
"""
# The timer of the due time gets the name of its clock.
TIMERS = (
    "UPDATE escalations_timer SET kind = 'resolution', percent = 100 WHERE kind = 'due' AND fired_at IS NULL;"
)

UNDO = """
ALTER TABLE escalations_calendar DROP CONSTRAINT calendar_zone_is_known;
UPDATE escalations_timer SET kind = 'due', percent = 0 WHERE kind = 'resolution' AND fired_at IS NULL;
DROP FUNCTION business_seconds, business_seconds_within, business_deadline, business_deadline_within, business_spans;
"""


class Migration(migrations.Migration):
    dependencies = [("escalations", "0005_assignment")]

    operations = [migrations.RunSQL(SPANS + DEADLINE + SECONDS + ZONE + TIMERS, UNDO)]
