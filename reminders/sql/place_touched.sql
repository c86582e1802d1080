-- The months that a refresh touched, as one range for each organisation: more months than necessary do no harm.
INSERT INTO summary_place (organisation_id, first_on, last_on)
SELECT organisation_id, {from_month}, {to_month}
FROM refresh_touched
GROUP BY organisation_id
