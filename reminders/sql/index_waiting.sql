-- After the filling. Finds out whether an earlier turn of the same duty still waits, without looking at every row.
CREATE INDEX refresh_waiting_turn ON refresh_waiting (member_id, action_id, opens_on)
