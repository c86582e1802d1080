"""The roster as a table: its columns, its rows, and what writing it would change. Pure."""
