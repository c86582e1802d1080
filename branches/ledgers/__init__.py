"""The ledgers of this app; importing them puts them into the registry."""

from branches.ledgers.members import MEMBERS
from branches.ledgers.posts import POSTS
from branches.ledgers.recruiting import RECRUITING

__all__ = ["MEMBERS", "POSTS", "RECRUITING"]
