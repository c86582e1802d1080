-- Organisations whose stored counts are not those of a recount, from either side. Where somebody changed an item
-- meanwhile there is a mark, and a difference is no error.
SELECT d.organisation_id, MIN(d.month), MAX(d.month), COUNT(*)
FROM (
    SELECT organisation_id, month FROM (
        SELECT organisation_id, month, asked, on_time, done_late, open, not_applicable, early, minutes
        FROM reminders_monthsummary
        EXCEPT
        SELECT organisation_id, month, asked, on_time, done_late, open, not_applicable, early, minutes
        FROM summary_months
    ) stored_only
    UNION
    SELECT organisation_id, month FROM (
        SELECT organisation_id, month, asked, on_time, done_late, open, not_applicable, early, minutes
        FROM summary_months
        EXCEPT
        SELECT organisation_id, month, asked, on_time, done_late, open, not_applicable, early, minutes
        FROM reminders_monthsummary
    ) counted_only
    UNION
    SELECT organisation_id, month FROM (
        SELECT organisation_id, month, days, items FROM reminders_leaddays
        EXCEPT
        SELECT organisation_id, month, days, items FROM summary_leads
    ) stored_leads_only
    UNION
    SELECT organisation_id, month FROM (
        SELECT organisation_id, month, days, items FROM summary_leads
        EXCEPT
        SELECT organisation_id, month, days, items FROM reminders_leaddays
    ) counted_leads_only
) d
WHERE NOT EXISTS (SELECT 1 FROM reminders_summarymark mark WHERE mark.organisation_id = d.organisation_id)
GROUP BY d.organisation_id
ORDER BY d.organisation_id
