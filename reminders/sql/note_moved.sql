INSERT INTO reminders_listchange (
    organisation_id, item_id, month, kind, reason, old_due_on, new_due_on, by_id, at, run_id
)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s, '', i.due_on, p.due_on, %(by)s, %(at)s, %(run)s
FROM refresh_candidate c
JOIN refresh_plan p ON p.plan_id = c.plan_id
JOIN reminders_reminderitem i ON i.id = c.item_id
WHERE c.todo = 12 AND i.due_on <> p.due_on
