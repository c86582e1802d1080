-- Items that are made, get new dates or are taken up again. Runs between their being held and being changed, so
-- that both months of an item that moves are known.
INSERT INTO refresh_touched (organisation_id, first_on, last_on)
SELECT c.organisation_id, MIN(p.due_on), MAX(p.due_on)
FROM refresh_candidate c
JOIN refresh_plan p ON p.plan_id = c.plan_id
WHERE c.todo IN (1, 12, 13)
GROUP BY c.organisation_id
UNION ALL
SELECT i.organisation_id, MIN(i.due_on), MAX(i.due_on)
FROM refresh_candidate c
JOIN reminders_reminderitem i ON i.id = c.item_id
WHERE c.todo IN (12, 13)
GROUP BY i.organisation_id
