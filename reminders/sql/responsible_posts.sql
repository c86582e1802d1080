-- Who answers for new items: the worker, else the secretary, else the general branch's staff. Only where something new is made.
UPDATE refresh_branch
SET post_id = (
    SELECT held.id FROM branches_post held
    WHERE held.organisation_id = refresh_branch.organisation_id
        AND held.role IN (%(worker)s, %(secretary)s, %(general_branch_staff)s)
        AND held.since <= %(as_of)s AND (held.until IS NULL OR held.until >= %(as_of)s)
    ORDER BY CASE held.role WHEN %(worker)s THEN 0 WHEN %(secretary)s THEN 1 ELSE 2 END,
        held.since, held.id LIMIT 1
)
