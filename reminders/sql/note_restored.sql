INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, new_due_on, by_id, at, run_id)
SELECT c.organisation_id, c.item_id, %(month)s, %(kind)s,
    CASE WHEN i.settled_by <> '' THEN %(fact_corrected)s ELSE %(applies_again)s END, p.due_on, %(by)s, %(at)s, %(run)s
FROM refresh_candidate c
JOIN refresh_plan p ON p.plan_id = c.plan_id
JOIN reminders_reminderitem i ON i.id = c.item_id
WHERE c.todo = 13
