"""Backup, verification and restore of the whole portal: database, uploaded files, waiting letters."""

# Kept equal to pyproject.toml, which is not part of an installation; a test compares them.
PORTAL_VERSION = "0.1.0"
