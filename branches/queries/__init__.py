"""Reads across organisations, people and posts; one module per noun."""
