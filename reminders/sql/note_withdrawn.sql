-- Open items that nothing demands any more. Looked at are: every item of a dissolved organisation, special
-- tasks, single events, and what is open in the month; what is overdue from an earlier period stays. On
-- PostgreSQL what is noted here is locked, so that withdraw_items.sql finds it unchanged.
INSERT INTO reminders_listchange (organisation_id, item_id, month, kind, reason, old_due_on, by_id, at, run_id)
SELECT i.organisation_id, i.id, %(month)s, %(kind)s,
    CASE
        WHEN NOT b.is_active THEN %(dissolved)s
        WHEN i.period NOT IN (%(event)s, %(once)s) AND EXISTS (
            SELECT 1 FROM refresh_plan p WHERE p.scope_id = b.scope_id AND p.action_id = i.action_id
        ) AND NOT EXISTS (
            SELECT 1 FROM refresh_plan p
            WHERE p.scope_id = b.scope_id AND p.action_id = i.action_id AND p.period = i.period
        ) THEN %(changed_rule)s
        WHEN r.settled <> '' AND (
            i.subject IN (
                SELECT 'term:' || CAST(ended.id AS text) FROM branches_term ended
                JOIN branches_term t ON t.organisation_id = ended.organisation_id AND t.elected_on > ended.elected_on
            )
            OR i.subject IN (
                SELECT 'member:' || CAST(e.member_id AS text) FROM branches_memberevent e
                WHERE e.kind = %(converted)s AND e.corrected_at IS NULL
            )
        ) THEN r.settled
        ELSE r.reason
    END,
    i.due_on, COALESCE(%(by)s, CASE WHEN b.is_active THEN r.by_id END), %(at)s, %(run)s
FROM reminders_reminderitem i
JOIN refresh_branch b ON b.organisation_id = i.organisation_id
LEFT JOIN refresh_reason r ON r.action_id = i.action_id AND r.scope_id = b.scope_id
WHERE i.state IN (%(open)s, %(returned)s)
    AND (NOT b.is_active OR NOT EXISTS (SELECT 1 FROM refresh_candidate c WHERE c.item_id = i.id))
    AND (
        NOT b.is_active
        OR i.period = %(once)s
        OR i.period = %(event)s AND i.subject NOT LIKE '%%:%%:%%'
        OR i.opens_on <= %(last)s AND i.due_on >= %(first)s
    )
    AND (
        NOT b.is_active
        OR r.action_id IS NOT NULL AND (r.opens_from IS NULL OR i.opens_on >= r.opens_from)
    )
{unless_locked}
