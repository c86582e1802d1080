-- Which organisation meets which condition: alternatives become one row, people stay apart where asked.
INSERT INTO refresh_met (organisation_id, scope_id, party_day, name, subject, subject_name, anchor_on, shift)
SELECT DISTINCT
    f.organisation_id,
    CASE WHEN c.any_scope THEN %(task_scope)s ELSE b.scope_id END,
    b.party_day,
    c.name,
    CASE WHEN c.per_person THEN f.subject ELSE '' END,
    CASE WHEN c.per_person THEN f.subject_name ELSE '' END,
    f.anchor_on,
    f.shift
FROM refresh_fact f
JOIN refresh_condition c ON c.fact = f.fact
JOIN refresh_branch b ON b.organisation_id = f.organisation_id
WHERE b.is_active AND (b.is_branch OR c.any_kind)
