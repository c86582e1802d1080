-- The fact that settles each waiting item: the earliest, registered standing, up to the day of the run, while the
-- person belonged to the organisation of the item. One step closes one turn: the earliest still open.
INSERT INTO refresh_settled (item_id, settled_by, done_on, entered_at, by_id, reason)
WITH found AS (
    SELECT w.item_id, w.organisation_id, w.member_id, 'event:' || CAST(e.id AS text) AS settled_by,
        e."on" AS done_on, e.entered_at, e.entered_by_id AS by_id, s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles
    JOIN branches_memberevent e ON e.member_id = w.member_id AND e.kind = s.code
    WHERE s.source = 'event' AND e.corrected_at IS NULL AND e."on" <= %(on)s
        AND (w.subject_kind <> 'event' OR e."on" >= w.floor_on)
    UNION ALL
    SELECT w.item_id, w.organisation_id, w.member_id, 'step:' || CAST(d.id AS text), d.done_on, d.entered_at,
        d.entered_by_id, s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles
    JOIN branches_developmentcase c ON c.member_id = w.member_id
    JOIN branches_developmentstep d ON d.case_id = c.id AND CAST(d.number AS text) = s.code
    WHERE s.source = 'step' AND d.corrected_at IS NULL AND d.done_on <= %(on)s
        AND (w.subject_kind <> 'case' OR c.id = w.subject_id)
        AND (w.floor_on IS NULL OR d.done_on >= w.floor_on)
        AND NOT EXISTS (
            SELECT 1 FROM reminders_reminderitem used
            WHERE used.settled_by = 'step:' || CAST(d.id AS text) AND NOT used.settled_by = ''
                AND used.action_id = w.action_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM refresh_waiting earlier
            WHERE earlier.action_id = w.action_id AND earlier.member_id = w.member_id
                AND earlier.opens_on < w.opens_on
        )
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'term:' || CAST(t.id AS text), t.elected_on, o.entered_at,
        o.entered_by_id, s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'term'
    JOIN branches_term ended ON ended.id = w.subject_id
    JOIN branches_term t ON t.organisation_id = ended.organisation_id AND t.elected_on > ended.elected_on
    LEFT JOIN branches_organisationevent o ON o.term_id = t.id AND o.kind = %(elected)s AND o.corrected_at IS NULL
    WHERE s.source = 'term' AND t.elected_on <= %(on)s
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'report:' || CAST(r.id AS text), r.done_on, r.entered_at,
        r.entered_by_id, s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'term'
    JOIN branches_electionstep r ON r.term_id = w.subject_id AND r.kind = %(report)s
    WHERE s.source = 'report' AND r.done_on <= %(on)s
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'post:' || CAST(p.id AS text), p.since,
        CAST(NULL AS timestamp with time zone), CAST(NULL AS bigint), s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'post'
    JOIN branches_post ended ON ended.id = w.subject_id
    JOIN branches_post p ON p.organisation_id = ended.organisation_id AND p.role = ended.role
        AND p.id <> ended.id AND p.since >= ended.until
    WHERE s.source = 'post' AND p.since <= %(on)s
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'handover:' || CAST(h.id AS text), h.changed_hands_on,
        h.changed_hands_at, CAST(NULL AS bigint), s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'post'
    JOIN reminders_handover h ON h.leaver_post_id = w.subject_id AND h.state = %(signed)s
    WHERE s.source = 'handover' AND h.changed_hands_on <= %(on)s
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'event:' || CAST(e.id AS text), m.since, e.entered_at,
        e.entered_by_id, s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'headcount'
    JOIN reminders_reminderitem i ON i.id = w.item_id
    JOIN reminders_refreshrun made ON made.id = i.run_id
    JOIN branches_membership m ON m.organisation_id = w.organisation_id AND m.status = %(full)s
        AND m.since <= %(on)s AND (m.until IS NULL OR m.until > %(on)s)
    JOIN branches_memberevent e ON e.member_id = m.member_id AND e."on" = m.since AND e.corrected_at IS NULL
        AND e.entered_at >= made.started_at
    WHERE s.source = 'headcount' AND (
        SELECT COUNT(*) FROM branches_membership f
        WHERE f.organisation_id = w.organisation_id AND f.status = %(full)s
            AND f.since <= m.since AND (f.until IS NULL OR f.until > m.since)
    ) >= %(least)s
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'case:' || CAST(c.id AS text), %(on)s,
        CAST(NULL AS timestamp with time zone), CAST(NULL AS bigint), s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'blocked'
    JOIN branches_developmentcase c ON c.id = w.subject_id
    WHERE s.source = 'unblocked' AND c.state IN (%(ongoing)s, %(completed)s) AND NOT w.has_left
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'finding:' || CAST(t.finding_id AS text), t."on", t.at, t.by_id, s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'finding'
    JOIN errorbank_findingstep t ON t.finding_id = w.subject_id AND t.kind = s.code
    WHERE s.source = 'finding' AND t."on" <= %(on)s AND NOT EXISTS (
        SELECT 1 FROM errorbank_findingstep later
        WHERE later.finding_id = t.finding_id AND later.id > t.id AND later.kind IN (
            SELECT r.code FROM refresh_settling r WHERE r.source = 'finding'
        )
    )
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'recheck:' || CAST(k.id AS text), k.done_on, k.done_at, k.verifier_id,
        s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'recheck'
    JOIN errorbank_recheck k ON k.id = w.subject_id
    WHERE s.source = 'recheck' AND k.done_on <= %(on)s
    UNION ALL
    SELECT w.item_id, w.organisation_id, NULL, 'duty:' || CAST(u.id AS text), u.done_on, u.done_at, u.done_by_id, s.words
    FROM refresh_settling s
    JOIN refresh_waiting w ON w.settles = s.settles AND w.subject_kind = 'duty'
    JOIN training_duty u ON u.id = w.subject_id
    WHERE s.source = 'duty' AND u.done_on <= %(on)s AND u.dropped_on IS NULL
)
SELECT f.item_id, f.settled_by, f.done_on, f.entered_at, f.by_id, f.words
FROM (
    SELECT all_found.*, ROW_NUMBER() OVER (PARTITION BY item_id ORDER BY done_on, settled_by) AS place
    FROM found all_found
    WHERE all_found.member_id IS NULL OR EXISTS (
        SELECT 1 FROM branches_membership m
        WHERE m.member_id = all_found.member_id AND m.organisation_id = all_found.organisation_id
            AND m.since <= all_found.done_on AND (m.until IS NULL OR m.until >= all_found.done_on)
    )
) f
WHERE f.place = 1
