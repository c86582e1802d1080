-- Every organisation of the tree part, with the nearest place above it where something is decided and with
-- the person responsible: the worker, else the secretary, else the general branch's staff. CROSS JOIN keeps the few scopes outermost.
INSERT INTO refresh_branch (organisation_id, scope_id, party_day, is_active, is_branch, post_id, post_name)
SELECT t.id, t.scope_id, t.party_day, t.is_active, t.is_branch, t.post_id, COALESCE((
    SELECT COALESCE(m.name, u.name)
    FROM branches_post p
    LEFT JOIN branches_member m ON m.id = p.member_id
    LEFT JOIN accounts_user u ON u.id = p.user_id
    WHERE p.id = t.post_id
), '')
FROM (
    SELECT
        o.id,
        COALESCE((
            SELECT s.scope_id FROM refresh_scope s CROSS JOIN branches_organisation place
            WHERE place.id = s.scope_id AND o.path >= place.path AND o.path < place.path || %(path_end)s
            ORDER BY place.level DESC LIMIT 1
        ), %(root)s) AS scope_id,
        COALESCE(o.party_day, 0) AS party_day,
        o.dissolved_on IS NULL OR o.dissolved_on > %(as_of)s AS is_active,
        o.kind IN (%(branch)s, %(joint_branch)s, %(temporary_branch)s) AS is_branch,
        (
            SELECT held.id FROM branches_post held
            WHERE held.organisation_id = o.id AND held.role IN (%(worker)s, %(secretary)s, %(general_branch_staff)s)
                AND held.since <= %(as_of)s AND (held.until IS NULL OR held.until >= %(as_of)s)
            ORDER BY CASE held.role WHEN %(worker)s THEN 0 WHEN %(secretary)s THEN 1 ELSE 2 END,
                held.since, held.id LIMIT 1
        ) AS post_id
    FROM branches_organisation o
    WHERE o.path >= %(path)s AND o.path < %(path)s || %(path_end)s
        AND (o.established_on IS NULL OR o.established_on <= %(as_of)s)
) t
