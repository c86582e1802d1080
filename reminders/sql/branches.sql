-- Every organisation of the tree part, with the nearest place above it where something is decided and with
-- the person responsible: the worker, else the secretary.
INSERT INTO refresh_branch (organisation_id, scope_id, party_day, is_active, is_branch, post_id, post_name)
SELECT
    o.id,
    COALESCE((
        SELECT s.scope_id FROM refresh_scope s JOIN branches_organisation place ON place.id = s.scope_id
        WHERE o.path >= place.path AND o.path < place.path || %(path_end)s
        ORDER BY place.level DESC LIMIT 1
    ), %(root)s),
    COALESCE(o.party_day, 0),
    o.dissolved_on IS NULL OR o.dissolved_on > %(as_of)s,
    o.kind IN (%(branch)s, %(joint_branch)s, %(temporary_branch)s),
    p.id,
    COALESCE(m.name, u.name, '')
FROM branches_organisation o
LEFT JOIN branches_post p ON p.id = (
    SELECT held.id FROM branches_post held
    WHERE held.organisation_id = o.id AND held.role IN (%(worker)s, %(secretary)s)
        AND held.since <= %(as_of)s AND (held.until IS NULL OR held.until >= %(as_of)s)
    ORDER BY CASE WHEN held.role = %(worker)s THEN 0 ELSE 1 END, held.since, held.id LIMIT 1
)
LEFT JOIN branches_member m ON m.id = p.member_id
LEFT JOIN accounts_user u ON u.id = p.user_id
WHERE o.path >= %(path)s AND o.path < %(path)s || %(path_end)s
    AND (o.established_on IS NULL OR o.established_on <= %(as_of)s)
