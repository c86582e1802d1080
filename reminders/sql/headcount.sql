-- The first day on which full members are fewer than they must be: the day it happened when it already did,
-- else the day it will within the horizon. Organisations where nobody was ever registered say nothing.
INSERT INTO refresh_fact (organisation_id, fact, subject, subject_name, anchor_on, shift)
WITH fall AS (
    SELECT DISTINCT e.organisation_id, e.until AS falls_on
    FROM branches_membership e JOIN refresh_branch b ON b.organisation_id = e.organisation_id
    WHERE e.status = %(full)s AND e.until <= %(horizon)s
        AND (
            SELECT COUNT(*) FROM branches_membership now
            WHERE now.organisation_id = e.organisation_id AND now.status = %(full)s
                AND now.since <= e.until AND (now.until IS NULL OR now.until > e.until)
        ) < %(least)s
        AND (
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
)
SELECT h.organisation_id, %(fact)s, 'headcount', '', COALESCE(
    CASE WHEN h.members < %(least)s
        THEN (SELECT MAX(f.falls_on) FROM fall f WHERE f.organisation_id = h.organisation_id AND f.falls_on <= %(day)s)
        ELSE (SELECT MIN(f.falls_on) FROM fall f WHERE f.organisation_id = h.organisation_id AND f.falls_on > %(day)s)
    END, h.since), 0
FROM held h
WHERE h.members < %(least)s OR EXISTS (
    SELECT 1 FROM fall f WHERE f.organisation_id = h.organisation_id AND f.falls_on > %(day)s
)
