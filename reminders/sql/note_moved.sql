INSERT INTO reminders_listchange (
    organisation_id, item_id, month, kind, reason, old_due_on, new_due_on, by_id, at, run_id
)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s,
    CASE
        WHEN i.version_id <> p.version_id THEN %(new_rule)s
        WHEN i.period = %(event)s THEN %(new_event_day)s
        ELSE %(new_days)s
    END,
    i.due_on, p.due_on, COALESCE(%(by)s, CASE WHEN i.version_id <> p.version_id THEN v.made_by_id END), %(at)s, %(run)s
FROM refresh_candidate c
JOIN refresh_plan p ON p.plan_id = c.plan_id
JOIN reminders_actionversion v ON v.id = p.version_id
JOIN reminders_reminderitem i ON i.id = c.item_id
WHERE c.todo = 12 AND i.due_on <> p.due_on
