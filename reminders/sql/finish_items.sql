UPDATE reminders_reminderitem
SET state = %(done)s, done_on = s.done_on, done_at = %(at)s, done_by_id = s.by_id, settled_by = s.settled_by,
    reason = ch.reason, revision = revision + 1,
    changed_at = CASE WHEN changed_at > %(at)s THEN changed_at ELSE %(at)s END
FROM refresh_settled s JOIN reminders_listchange ch ON ch.item_id = s.item_id
WHERE ch.id > %(last_change)s AND ch.run_id = %(run)s AND ch.kind = %(kind)s
    AND reminders_reminderitem.id = s.item_id
