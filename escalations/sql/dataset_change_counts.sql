-- How many decisions came, went, and are held otherwise in the newer of two versions of a dataset.
SELECT count(*) FILTER (WHERE older.resolution IS NULL) AS added,
       count(*) FILTER (WHERE newer.resolution IS NULL) AS removed,
       count(*) FILTER (WHERE newer.sha256 <> older.sha256 OR newer.revision <> older.revision) AS changed,
       count(*) FILTER (WHERE newer.sha256 = older.sha256 AND newer.revision = older.revision) AS same
FROM (SELECT * FROM escalations_datasetrow WHERE version_id = %(older)s AND tombstoned_at IS NULL) older
FULL JOIN (SELECT * FROM escalations_datasetrow WHERE version_id = %(newer)s AND tombstoned_at IS NULL) newer
  ON newer.resolution = older.resolution
