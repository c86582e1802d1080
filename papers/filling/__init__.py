"""Filling an office's own Word and Excel forms: what may stand in them, and the child that does the work."""
