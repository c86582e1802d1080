-- Who answers for new items: the worker, else the secretary. Only where something new is made.
UPDATE refresh_branch
SET post_id = (
    SELECT held.id FROM branches_post held
    WHERE held.organisation_id = refresh_branch.organisation_id AND held.role IN (%(worker)s, %(secretary)s)
        AND held.since <= %(as_of)s AND (held.until IS NULL OR held.until >= %(as_of)s)
    ORDER BY CASE WHEN held.role = %(worker)s THEN 0 ELSE 1 END, held.since, held.id LIMIT 1
)
