-- Only this refresh makes items while it holds the lock, so everything after the last known key is its own.
INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, new_due_on, by_id, at, run_id)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s, CASE WHEN t.id IS NULL THEN '' ELSE %(special_task)s END,
    i.due_on, COALESCE(%(by)s, t.sent_by_id), %(at)s, %(run)s
FROM reminders_reminderitem i
LEFT JOIN reminders_specialtask t ON t.action_id = i.action_id
WHERE i.id > %(last_item)s AND i.run_id = %(run)s
