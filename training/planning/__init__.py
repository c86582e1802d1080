"""Solvers of this app."""
