-- Everything the month demands beside the item that is already there, and what is to be done about it:
-- 0 nothing, 1 make, 2 new dates or version, 3 take up again what a refresh had withdrawn, or what a fact had
-- closed that was corrected since. A turn of a repeated duty is demanded all the same: its step itself is asked.
INSERT INTO refresh_candidate (plan_id, organisation_id, subject, subject_name, note, item_id, todo)
SELECT p.plan_id, f.organisation_id, f.subject || p.suffix, f.subject_name, f.note, i.id,
    CASE
        WHEN i.id IS NULL THEN 1
        WHEN i.state IN (%(open)s, %(returned)s) AND (
            i.version_id <> p.version_id OR i.due_on <> p.due_on OR i.remind_on <> p.remind_on
            OR i.opens_on <> p.opens_on OR i.calendar_known <> p.calendar_known OR i.note <> f.note
        ) THEN 2
        WHEN i.state = %(withdrawn)s AND p.creatable AND (
            SELECT ch.run_id FROM reminders_listchange ch
            WHERE ch.item_id = i.id AND ch.kind = %(change_withdrawn)s ORDER BY ch.id DESC LIMIT 1
        ) IS NOT NULL THEN 3
        WHEN i.state = %(done)s AND i.settled_by <> '' AND NOT EXISTS (
            SELECT 1 FROM branches_developmentstep d
            WHERE i.settled_by LIKE 'step:%%' AND d.corrected_at IS NULL
                AND d.id = CAST(ltrim(i.settled_by, 'abcdefghijklmnopqrstuvwxyz:') AS bigint)
        ) THEN 3
        ELSE 0
    END
FROM refresh_fact f
CROSS JOIN refresh_branch b
CROSS JOIN refresh_plan p
LEFT JOIN reminders_reminderitem i
    ON i.organisation_id = f.organisation_id AND i.period = p.period AND i.action_id = p.action_id
    AND i.subject = f.subject || p.suffix
WHERE b.organisation_id = f.organisation_id AND b.is_active
    AND p.scope_id = b.scope_id AND p.name = f.fact
    AND (p.anchor_on IS NULL OR p.anchor_on = f.anchor_on AND p.shift = f.shift)
    AND (p.party_day IS NULL OR p.party_day = b.party_day)
    AND (b.is_branch OR p.any_kind)
    AND (p.creatable OR i.id IS NOT NULL)
