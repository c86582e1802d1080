-- Closed by a registered fact. What staff sent back waits for a fact registered after that: the old one is what
-- they looked at.
INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, by_id, at, run_id)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s, s.reason, COALESCE(%(by)s, s.by_id), %(at)s, %(run)s
FROM refresh_settled s
JOIN reminders_reminderitem i ON i.id = s.item_id
JOIN refresh_branch b ON b.organisation_id = i.organisation_id AND b.is_active
WHERE i.state IN (%(open)s, %(returned)s) AND (
    i.state = %(open)s OR NOT EXISTS (
        SELECT 1 FROM reminders_itemreturn r
        WHERE r.item_id = i.id AND (s.entered_at IS NULL OR r.at >= s.entered_at)
    )
)
{unless_locked}
