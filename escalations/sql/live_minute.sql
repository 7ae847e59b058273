-- Keep what a process measured in the minute that ends now; what it wrote of the same minute is added up.
INSERT INTO escalations_liveminute AS kept (process, minute, events, lag_p95, resyncs)
VALUES (%(process)s::uuid, date_trunc('minute', statement_timestamp(), 'UTC'), %(events)s::int,
        %(lag_p95)s::float8, %(resyncs)s::int)
ON CONFLICT (minute, process) DO UPDATE
SET events = kept.events + excluded.events, resyncs = kept.resyncs + excluded.resyncs,
    lag_p95 = greatest(kept.lag_p95, excluded.lag_p95)
RETURNING events;
