DELETE FROM reminders_monthsummary
WHERE id IN (
    SELECT s.id
    FROM summary_place p
    CROSS JOIN reminders_monthsummary s
    WHERE s.organisation_id = p.organisation_id AND s.month >= p.first_on AND s.month <= p.last_on
)
