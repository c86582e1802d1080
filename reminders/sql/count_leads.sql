INSERT INTO {into} (organisation_id, month, days, items)
SELECT i.organisation_id, {month} AS month, {lead} AS days, COUNT(*)
FROM summary_place p
CROSS JOIN reminders_reminderitem i
WHERE i.organisation_id = p.organisation_id AND i.state = %(done)s
    AND i.due_on >= p.first_on AND i.due_on <= p.last_on
GROUP BY 1, 2, 3
