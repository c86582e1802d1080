"""The Celery application; tasks live in each app's tasks.py, the timetable in schedule.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partyaffairs.settings")

app = Celery("partyaffairs")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
