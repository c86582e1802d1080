-- Items closed by a fact that was corrected since, or that now says another day, are open again for the steps after
-- this one: a fact that stands closes them anew, else they go.
UPDATE reminders_reminderitem
SET state = %(open)s, settled_by = '', reason = '', done_on = NULL, done_at = NULL, done_by_id = NULL,
    revision = revision + 1,
    changed_at = CASE WHEN changed_at > %(at)s THEN changed_at ELSE %(at)s END
FROM (
    SELECT i.id
    FROM reminders_reminderitem i
    JOIN refresh_branch b ON b.organisation_id = i.organisation_id
    WHERE i.state = %(done)s AND NOT i.settled_by = '' AND i.done_at >= %(checked)s AND (
        i.settled_by LIKE 'event:%%' AND NOT EXISTS (
            SELECT 1 FROM branches_memberevent e
            WHERE e.id = CAST(ltrim(i.settled_by, 'abcdefghijklmnopqrstuvwxyz:') AS bigint)
                AND e.corrected_at IS NULL AND e."on" = i.done_on
        )
        OR i.settled_by LIKE 'step:%%' AND NOT EXISTS (
            SELECT 1 FROM branches_developmentstep d
            WHERE d.id = CAST(ltrim(i.settled_by, 'abcdefghijklmnopqrstuvwxyz:') AS bigint)
                AND d.corrected_at IS NULL AND d.done_on = i.done_on
        )
        OR i.settled_by LIKE 'term:%%' AND NOT EXISTS (
            SELECT 1 FROM branches_term t
            WHERE t.id = CAST(ltrim(i.settled_by, 'abcdefghijklmnopqrstuvwxyz:') AS bigint)
                AND t.elected_on = i.done_on
        )
        OR i.settled_by LIKE 'report:%%' AND NOT EXISTS (
            SELECT 1 FROM branches_electionstep r
            WHERE r.id = CAST(ltrim(i.settled_by, 'abcdefghijklmnopqrstuvwxyz:') AS bigint)
                AND r.done_on = i.done_on
        )
        OR i.settled_by LIKE 'post:%%' AND NOT EXISTS (
            SELECT 1 FROM branches_post p
            WHERE p.id = CAST(ltrim(i.settled_by, 'abcdefghijklmnopqrstuvwxyz:') AS bigint)
                AND p.since = i.done_on
        )
    )
    {unless_locked}
) held
WHERE reminders_reminderitem.id = held.id
RETURNING organisation_id, due_on, due_on
