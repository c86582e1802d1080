INSERT INTO reminders_reminderitem (
    organisation_id, action_id, version_id, period, subject, subject_name, opens_on, due_on, remind_on,
    calendar_known, minutes, responsible_post_id, responsible_name, state, reason, note,
    settled_by, run_id, revision, changed_at
)
SELECT
    c.organisation_id, p.action_id, p.version_id, p.period, c.subject, c.subject_name, p.opens_on, p.due_on,
    p.remind_on, p.calendar_known, p.minutes, b.post_id, b.post_name, %(open)s, '', c.note, '', %(run)s, 0, %(at)s
FROM refresh_candidate c
JOIN refresh_plan p ON p.plan_id = c.plan_id
JOIN refresh_branch b ON b.organisation_id = c.organisation_id
WHERE c.todo = 1
ON CONFLICT DO NOTHING
