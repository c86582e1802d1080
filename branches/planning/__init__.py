"""The joint-branch planner: possible groups, the exact choice among them, and why; no ORM, no clock."""
