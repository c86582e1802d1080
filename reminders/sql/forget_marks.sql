-- Of every mark that is gone by this statement the writer is finished, and the counts that follow see the change.
DELETE FROM reminders_summarymark
WHERE organisation_id IN (SELECT organisation_id FROM summary_place)
