-- The first day on which full members are fewer than they must be: the day it happened when it already did,
-- else the day it will within the horizon. Organisations where nobody was ever registered say nothing.
-- shift 0: known before its day, and so for the item that was made then. An organisation that had come back to
-- enough members and falls again has another matter.
INSERT INTO refresh_fact (organisation_id, fact, subject, subject_name, anchor_on, shift, note)
WITH fall AS (
    SELECT e.organisation_id, e.until AS falls_on, (
        SELECT COUNT(*) FROM branches_membership now
        WHERE now.organisation_id = e.organisation_id AND now.status = %(full)s
            AND now.since <= e.until AND (now.until IS NULL OR now.until > e.until)
    ) AS members
    FROM (
        SELECT DISTINCT m.organisation_id, m.until
        FROM branches_membership m JOIN refresh_branch b ON b.organisation_id = m.organisation_id
        WHERE m.status = %(full)s AND m.until <= %(horizon)s
    ) e
    WHERE (
        SELECT COUNT(*) FROM branches_membership was
        WHERE was.organisation_id = e.organisation_id AND was.status = %(full)s
            AND was.since < e.until AND (was.until IS NULL OR was.until >= e.until)
    ) >= %(least)s
), held AS (
    SELECT m.organisation_id, MIN(m.since) AS since,
        SUM(CASE WHEN m.until IS NULL OR m.until > %(day)s THEN 1 ELSE 0 END) AS members
    FROM branches_membership m JOIN refresh_branch b ON b.organisation_id = m.organisation_id
    WHERE m.status = %(full)s AND m.since <= %(day)s
    GROUP BY m.organisation_id
), crossing AS (
    SELECT h.organisation_id, h.members, COALESCE(
        CASE WHEN h.members < %(least)s
            THEN (
                SELECT MAX(f.falls_on) FROM fall f
                WHERE f.organisation_id = h.organisation_id AND f.members < %(least)s AND f.falls_on <= %(day)s
            )
            ELSE (
                SELECT MIN(f.falls_on) FROM fall f
                WHERE f.organisation_id = h.organisation_id AND f.members < %(least)s AND f.falls_on > %(day)s
            )
        END, h.since) AS falls_on, (
        SELECT COUNT(DISTINCT i.subject) FROM reminders_reminderitem i
        WHERE i.organisation_id = h.organisation_id AND i.period = %(event)s AND i.subject LIKE 'headcount%%'
            AND i.state = %(done)s AND i.settled_by <> ''
    ) AS matters
    FROM held h
    WHERE h.members < %(least)s OR EXISTS (
        SELECT 1 FROM fall f
        WHERE f.organisation_id = h.organisation_id AND f.members < %(least)s AND f.falls_on > %(day)s
    )
), matter AS (
    SELECT c.*, 'headcount' || CASE WHEN c.matters > 0 THEN '#' || CAST(c.matters AS text) ELSE '' END AS subject
    FROM crossing c
)
SELECT m.organisation_id, %(fact)s, m.subject, '', m.falls_on,
    CASE
        WHEN m.falls_on > %(day)s OR EXISTS (
            SELECT 1 FROM reminders_reminderitem i
            WHERE i.organisation_id = m.organisation_id AND i.period = %(event)s AND i.subject = m.subject
                AND i.due_on < m.falls_on
        ) THEN 0
        ELSE 1
    END,
    CASE
        WHEN m.falls_on > %(day)s THEN CAST(m.falls_on AS text) || %(since)s || CAST((
            SELECT f.members FROM fall f WHERE f.organisation_id = m.organisation_id AND f.falls_on = m.falls_on
        ) AS text) || %(people)s
        ELSE CAST(m.falls_on AS text) || %(already)s || CAST(m.members AS text) || %(people_now)s
    END
FROM matter m
