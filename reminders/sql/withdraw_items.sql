UPDATE reminders_reminderitem
SET state = %(withdrawn)s, reason = ch.reason, revision = revision + 1,
    changed_at = CASE WHEN changed_at > %(at)s THEN changed_at ELSE %(at)s END
FROM reminders_listchange ch
WHERE ch.id > %(last_change)s AND ch.run_id = %(run)s AND ch.kind = %(kind)s
    AND reminders_reminderitem.id = ch.item_id
