-- What differs between two versions of a dataset: each decision that one of them does not hold, or holds otherwise.
-- `before` and `after` are null where it is not in that version. A tombstone counts as not being there.
SELECT coalesce(newer.resolution, older.resolution) AS resolution, coalesce(newer."case", older."case") AS case_id,
       older.revision AS revision_before, newer.revision AS revision_after,
       older.split AS split_before, newer.split AS split_after
FROM (SELECT * FROM escalations_datasetrow WHERE version_id = %(older)s AND tombstoned_at IS NULL) older
FULL JOIN (SELECT * FROM escalations_datasetrow WHERE version_id = %(newer)s AND tombstoned_at IS NULL) newer
  ON newer.resolution = older.resolution
WHERE older.resolution IS NULL OR newer.resolution IS NULL OR newer.sha256 <> older.sha256
   OR newer.revision <> older.revision
ORDER BY coalesce(newer.position, older.position), coalesce(newer.resolution, older.resolution)
LIMIT %(limit)s
