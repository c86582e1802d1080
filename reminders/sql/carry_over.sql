-- What was due before the month and is still open: noted once for the month.
INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, old_due_on, by_id, at, run_id)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s, %(not_done)s, i.due_on, %(by)s, %(at)s, %(run)s
FROM refresh_branch b
JOIN reminders_reminderitem i ON i.organisation_id = b.organisation_id
WHERE i.state IN (%(open)s, %(returned)s) AND i.due_on < %(first)s
    AND NOT EXISTS (
        SELECT 1 FROM reminders_listchange ch
        WHERE ch.item_id = i.id AND ch.month = %(month)s AND ch.kind = %(kind)s
    )
ON CONFLICT DO NOTHING
