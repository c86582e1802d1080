UPDATE refresh_branch
SET post_name = COALESCE(m.name, u.name)
FROM branches_post p
LEFT JOIN branches_member m ON m.id = p.member_id
LEFT JOIN accounts_user u ON u.id = p.user_id
WHERE p.id = refresh_branch.post_id
