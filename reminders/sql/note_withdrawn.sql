-- Open items that nothing demands any more. Looked at are: every item of a dissolved organisation, special
-- tasks, single events, what is open in the month, and what is about somebody who is in the organisation no
-- more; what else is overdue from an earlier period stays, and what a fact settled too: it is done, or sent back.
-- On PostgreSQL what is noted here is locked, so that withdraw_items.sql finds it unchanged.
INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, old_due_on, by_id, at, run_id)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s,
    CASE
        WHEN NOT b.is_active THEN %(dissolved)s
        WHEN i.period NOT IN (%(event)s, %(once)s) AND EXISTS (
            SELECT 1 FROM refresh_plan p WHERE p.scope_id = b.scope_id AND p.action_id = i.action_id
        ) AND NOT EXISTS (
            SELECT 1 FROM refresh_plan p
            WHERE p.scope_id = b.scope_id AND p.action_id = i.action_id AND p.period = i.period
        ) AND i.due_on >= %(first)s THEN %(changed_rule)s
        WHEN w.has_left AND i.due_on < %(first)s AND (i.period <> %(event)s OR i.subject LIKE '%%:%%:%%') THEN %(left)s
        ELSE r.reason
    END,
    i.due_on, COALESCE(%(by)s, CASE WHEN b.is_active THEN r.by_id END), %(at)s, %(run)s
FROM refresh_waiting w
JOIN reminders_reminderitem i ON i.id = w.item_id
JOIN refresh_branch b ON b.organisation_id = i.organisation_id
LEFT JOIN refresh_reason r ON r.action_id = i.action_id AND r.scope_id = b.scope_id
WHERE w.is_gone AND i.state IN (%(open)s, %(returned)s)
    AND (
        NOT b.is_active
        OR i.period = %(once)s
        OR i.period = %(event)s AND i.subject NOT LIKE '%%:%%:%%'
        OR w.has_left
        OR i.opens_on <= %(last)s AND i.due_on >= %(first)s
    )
    AND (
        NOT b.is_active
        OR r.action_id IS NOT NULL AND (r.opens_from IS NULL OR i.opens_on >= r.opens_from)
    )
    AND (NOT b.is_active OR NOT EXISTS (SELECT 1 FROM refresh_settled s WHERE s.item_id = i.id))
{unless_locked}
