-- After the filling, which it would slow down. Finds out which items nothing demands any more.
CREATE INDEX refresh_candidate_item ON refresh_candidate (item_id)
