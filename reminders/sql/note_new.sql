-- Only this refresh makes items while it holds the lock, so everything after the last known key is its own.
INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, new_due_on, by_id, at, run_id)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s, '', i.due_on, %(by)s, %(at)s, %(run)s
FROM reminders_reminderitem i
WHERE i.id > %(last_item)s AND i.run_id = %(run)s
