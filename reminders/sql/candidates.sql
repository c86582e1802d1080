-- Everything the month demands beside the item that is already there, and what is to be done about it:
-- 0 nothing, 1 make, 2 new dates or version, 3 take up again what a refresh had withdrawn.
INSERT INTO refresh_candidate (plan_id, organisation_id, subject, subject_name, item_id, todo)
SELECT p.plan_id, m.organisation_id, m.subject || p.suffix, m.subject_name, i.id,
    CASE
        WHEN i.id IS NULL THEN CASE WHEN p.creatable THEN 1 ELSE 0 END
        WHEN i.state IN (%(open)s, %(returned)s) AND (
            i.version_id <> p.version_id OR i.due_on <> p.due_on OR i.remind_on <> p.remind_on
            OR i.opens_on <> p.opens_on OR i.calendar_known <> p.calendar_known
        ) THEN 2
        WHEN i.state = %(withdrawn)s AND p.creatable AND (
            SELECT ch.run_id FROM reminders_listchange ch
            WHERE ch.item_id = i.id AND ch.kind = %(change_withdrawn)s ORDER BY ch.id DESC LIMIT 1
        ) IS NOT NULL THEN 3
        ELSE 0
    END
FROM refresh_met m
CROSS JOIN refresh_plan p
LEFT JOIN reminders_reminderitem i
    ON i.organisation_id = m.organisation_id AND i.period = p.period AND i.action_id = p.action_id
    AND i.subject = m.subject || p.suffix
WHERE p.scope_id = m.scope_id AND p.name = m.name
    AND (p.anchor_on IS NULL OR p.anchor_on = m.anchor_on AND p.shift = m.shift)
    AND (p.party_day IS NULL OR p.party_day = m.party_day)
