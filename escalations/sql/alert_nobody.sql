-- After `alert_alone`: at each moment how many these were, and for how long the first of them had waited.
SELECT moment.at, count(DISTINCT unserved.id)::int AS n,
       extract(epoch FROM moment.at - min(unserved.since))::float8 AS seconds
FROM moment
LEFT JOIN unserved USING (number)
GROUP BY moment.at
ORDER BY moment.at
