-- CROSS JOIN keeps the places outermost, and every state is named, so that the index of the list serves.
INSERT INTO {into} (
    organisation_id, month, asked, on_time, done_late, open, not_applicable, early, minutes
)
SELECT
    i.organisation_id,
    {month} AS month,
    COUNT(*) FILTER (WHERE i.state <> %(not_applicable)s),
    COUNT(*) FILTER (WHERE i.state = %(done)s AND i.done_on <= i.due_on),
    COUNT(*) FILTER (WHERE i.state = %(done)s AND i.done_on > i.due_on),
    COUNT(*) FILTER (WHERE i.state IN (%(open)s, %(returned)s)),
    COUNT(*) FILTER (WHERE i.state = %(not_applicable)s),
    COUNT(*) FILTER (WHERE i.state = %(done)s AND i.done_on < i.remind_on),
    COALESCE(SUM(i.minutes) FILTER (WHERE i.state <> %(not_applicable)s), 0)
FROM summary_place p
CROSS JOIN reminders_reminderitem i
WHERE i.organisation_id = p.organisation_id
    AND i.state IN (%(open)s, %(returned)s, %(done)s, %(not_applicable)s)
    AND i.due_on >= p.first_on AND i.due_on <= p.last_on
GROUP BY 1, 2
