-- Which versions of taxonomy and guideline the labels of a dataset version go by, and in how many rows.
SELECT taxonomy.number AS taxonomy, guideline.number AS guideline, count(*) AS rows
FROM escalations_datasetrow held
JOIN escalations_labelrevision revision ON revision.resolution_id = held.resolution AND revision.number = held.revision
LEFT JOIN escalations_taxonomy taxonomy ON taxonomy.id = revision.taxonomy_id
LEFT JOIN escalations_guideline guideline ON guideline.id = revision.guideline_id
WHERE held.version_id = %(version)s AND held.tombstoned_at IS NULL
GROUP BY taxonomy.number, guideline.number
ORDER BY taxonomy.number NULLS FIRST, guideline.number NULLS FIRST
