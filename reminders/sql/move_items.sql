UPDATE reminders_reminderitem
SET version_id = p.version_id, opens_on = p.opens_on, due_on = p.due_on, remind_on = p.remind_on,
    calendar_known = p.calendar_known, minutes = p.minutes, note = c.note,
    revision = revision + 1,
    changed_at = CASE WHEN changed_at > %(at)s THEN changed_at ELSE %(at)s END
FROM refresh_candidate c JOIN refresh_plan p ON p.plan_id = c.plan_id
WHERE reminders_reminderitem.id = c.item_id AND c.todo = 12
