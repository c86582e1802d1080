-- Open items that nothing demands any more, and turns of repeated duties, which a fact may close while they are
-- demanded. What an item is about is read from its subject: "event:5", "event:5:2", "case:7#1",
-- "blocked:7#2026-05-11". floor_on: a fact of an earlier day belongs to another matter or another turn.
INSERT INTO refresh_waiting (
    item_id, organisation_id, action_id, opens_on, settles, is_gone, subject_kind, subject_id, member_id, floor_on,
    has_left
)
SELECT w.id, w.organisation_id, w.action_id, w.opens_on, w.settles, w.is_gone, w.subject_kind, w.subject_id,
    w.member_id, w.floor_on,
    w.member_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM branches_membership m
        WHERE m.member_id = w.member_id AND m.organisation_id = w.organisation_id
            AND m.since <= %(as_of)s AND (m.until IS NULL OR m.until > %(as_of)s)
    )
FROM (
    SELECT s.id, s.organisation_id, s.action_id, s.opens_on, s.settles, s.is_gone, s.subject_kind, s.subject_id,
        CASE s.subject_kind
            WHEN 'member' THEN s.subject_id WHEN 'event' THEN e.member_id ELSE c.member_id
        END AS member_id,
        CASE WHEN s.repeated THEN s.opens_on ELSE e."on" END AS floor_on
    FROM (
        SELECT o.*, rtrim(rtrim(o.plain, '0123456789'), ':') AS subject_kind,
            CAST(NULLIF(ltrim(o.plain, 'abcdefghijklmnopqrstuvwxyz:'), '') AS bigint) AS subject_id
        FROM (
            SELECT i.id, i.organisation_id, i.action_id, i.opens_on,
                COALESCE(r.settles, '') AS settles, COALESCE(r.repeated, FALSE) AS repeated,
                NOT b.is_active OR NOT EXISTS (
                    SELECT 1 FROM refresh_candidate c WHERE c.item_id = i.id
                ) AS is_gone,
                CASE
                    WHEN i.subject LIKE '%%#%%' THEN rtrim(rtrim(i.subject, '0123456789-'), '#')
                    WHEN i.subject LIKE '%%:%%:%%' THEN rtrim(rtrim(i.subject, '0123456789'), ':')
                    ELSE i.subject
                END AS plain
            FROM reminders_reminderitem i
            JOIN refresh_branch b ON b.organisation_id = i.organisation_id
            LEFT JOIN refresh_reason r ON r.action_id = i.action_id AND r.scope_id = b.scope_id
            WHERE i.state IN (%(open)s, %(returned)s)
        ) o
        WHERE o.is_gone OR o.repeated
    ) s
    LEFT JOIN branches_memberevent e ON s.subject_kind = 'event' AND e.id = s.subject_id AND e.corrected_at IS NULL
    LEFT JOIN branches_developmentcase c ON s.subject_kind IN ('case', 'blocked') AND c.id = s.subject_id
) w
