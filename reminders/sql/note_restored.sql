INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, new_due_on, by_id, at, run_id)
SELECT c.organisation_id, c.item_id, %(month)s, %(kind)s, %(applies_again)s, p.due_on, %(by)s, %(at)s, %(run)s
FROM refresh_candidate c JOIN refresh_plan p ON p.plan_id = c.plan_id
WHERE c.todo = 13
