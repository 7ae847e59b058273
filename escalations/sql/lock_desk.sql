-- Hold off everybody else who counts what this person holds. A statement of its own: the one that counts
-- must begin after the lock is held, or it would not see what was committed meanwhile.
SELECT operator_id FROM escalations_presence WHERE operator_id = %(operator_id)s FOR NO KEY UPDATE;
