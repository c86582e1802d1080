"""Settings, routes, schedule and the demo loader; imports every app and is imported by none."""

from partyaffairs.celery import app as celery_app

__all__ = ["celery_app"]
