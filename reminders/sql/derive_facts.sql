-- Conditions with alternatives, and conditions of a branch that are facts of its people: one row for each
-- branch, or for each person where asked.
INSERT INTO refresh_fact (organisation_id, fact, subject, subject_name, anchor_on, shift, note)
SELECT DISTINCT
    f.organisation_id,
    c.name,
    CASE WHEN c.per_person THEN f.subject ELSE '' END,
    CASE WHEN c.per_person THEN f.subject_name ELSE '' END,
    CAST(NULL AS date),
    0,
    ''
FROM refresh_fact f
JOIN refresh_condition c ON c.fact = f.fact
