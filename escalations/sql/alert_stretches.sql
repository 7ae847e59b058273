-- After `alert_open_cases` or `alert_audits`: the stretches of time alone.
SELECT since, until FROM stretch;
