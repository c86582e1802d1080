-- Take hold of the items that get new dates (2 becomes 12) or are taken up again (3 becomes 13), if they still are
-- as the candidates saw them, so that the notes and the changes speak of the same rows.
UPDATE refresh_candidate
SET todo = todo + 10
FROM (
    SELECT i.id
    FROM refresh_candidate c
    JOIN reminders_reminderitem i ON i.id = c.item_id
    WHERE c.todo = 2 AND i.state IN (%(open)s, %(returned)s) OR c.todo = 3 AND (
        i.state = %(withdrawn)s OR i.state = %(done)s AND i.settled_by <> ''
    )
    {unless_locked}
) held
WHERE refresh_candidate.item_id = held.id AND refresh_candidate.todo IN (2, 3)
