INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, new_due_on, by_id, at, run_id)
SELECT c.organisation_id, c.item_id, %(month)s, %(kind)s,
    COALESCE((
        SELECT CASE t.kind WHEN %(finding_returned)s THEN SUBSTR(%(sent_back)s || t.text, 1, 200) ELSE %(goes_on)s END
        FROM errorbank_findingstep t
        WHERE t.kind IN (%(finding_returned)s, %(finding_expired)s) AND t.finding_id = CASE
            WHEN SUBSTR(i.settled_by, 1, 8) = 'finding:' THEN CAST(SUBSTR(i.settled_by, 9) AS bigint)
        END
        ORDER BY t.id DESC LIMIT 1
    ), CASE WHEN i.settled_by <> '' THEN %(fact_corrected)s ELSE %(applies_again)s END), p.due_on, %(by)s, %(at)s, %(run)s
FROM refresh_candidate c
JOIN refresh_plan p ON p.plan_id = c.plan_id
JOIN reminders_reminderitem i ON i.id = c.item_id
WHERE c.todo = 13
