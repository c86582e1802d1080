-- Items whose end was noted a moment ago.
INSERT INTO refresh_touched (organisation_id, first_on, last_on)
SELECT i.organisation_id, MIN(i.due_on), MAX(i.due_on)
FROM reminders_listchange ch
JOIN reminders_reminderitem i ON i.id = ch.item_id
WHERE ch.id > %(last_change)s AND ch.run_id = %(run)s AND ch.kind = %(kind)s
GROUP BY i.organisation_id
