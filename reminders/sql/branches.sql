-- Every organisation of the tree part, with the nearest place above it where something is decided. CROSS JOIN
-- keeps the few scopes outermost.
INSERT INTO refresh_branch (organisation_id, scope_id, party_day, is_active, is_branch, post_name)
SELECT
    o.id,
    COALESCE((
        SELECT s.scope_id FROM refresh_scope s CROSS JOIN branches_organisation place
        WHERE place.id = s.scope_id AND o.path >= place.path AND o.path < place.path || %(path_end)s
        ORDER BY place.level DESC LIMIT 1
    ), %(root)s),
    COALESCE(o.party_day, 0),
    o.dissolved_on IS NULL OR o.dissolved_on > %(as_of)s,
    o.kind IN (%(branch)s, %(joint_branch)s, %(temporary_branch)s),
    ''
FROM branches_organisation o
WHERE o.path >= %(path)s AND o.path < %(path)s || %(path_end)s
    AND (o.established_on IS NULL OR o.established_on <= %(as_of)s)
