"""The one timetable of periodic work, in the zone of settings.TIME_ZONE.

Every entry finds what is due by rows, never by "today equals", so a missed or doubled
run changes nothing. What must not be missed, and which row proves it, says periodic.py.

What comes often expires: while the worker is away its messages must not pile up before `reconcile`.
"""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "reconcile": {
        "task": "partyaffairs.tasks.reconcile",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    "refresh-month": {
        "task": "reminders.tasks.refresh_due_months",
        "schedule": crontab(minute="30", hour="0"),
    },
    "refresh-stale": {
        "task": "reminders.tasks.refresh_stale_organisations",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "recount-summaries": {
        "task": "reminders.tasks.recount_stale_summaries",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "open-handovers": {
        "task": "reminders.tasks.open_handovers",
        "schedule": crontab(minute="2"),
        "options": {"expires": 3000},
    },
    "end-stand-ins": {
        "task": "reminders.tasks.end_stand_ins",
        "schedule": crontab(minute="4"),
        "options": {"expires": 3000},
    },
    "tell-digests": {
        "task": "reminders.tasks.tell_digests",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    "seal-audit": {
        "task": "audit.tasks.seal_events",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    "sweep-jobs": {
        "task": "jobs.tasks.sweep_jobs",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "forget-exports": {
        "task": "ledgers.tasks.forget_exported_rows",
        "schedule": crontab(minute="40", hour="3"),
    },
    "forget-sign-ins": {
        "task": "accounts.tasks.forget_old_sign_ins",
        "schedule": crontab(minute="20", hour="3"),
    },
    "end-sessions": {
        "task": "branches.tasks.end_sessions_without_post",
        "schedule": crontab(minute="5"),
        "options": {"expires": 3000},
    },
    "forget-rosters": {
        "task": "branches.tasks.forget_old_rosters",
        "schedule": crontab(minute="25"),
        "options": {"expires": 3000},
    },
    "deliver-notices": {
        "task": "notices.tasks.deliver_notices",
        "schedule": 60.0,
        # One run works off all that is due; those that waited behind long work need not follow it.
        "options": {"expires": 120},
    },
    "forget-messages": {
        "task": "notices.tasks.forget_messages",
        "schedule": crontab(minute="50", hour="3"),
    },
    "forget-leavers": {
        "task": "personal.tasks.forget_leavers",
        "schedule": crontab(minute="15", hour="4"),
    },
    "forget-tries": {
        "task": "personal.tasks.forget_tries",
        "schedule": crontab(minute="5", hour="4"),
    },
    "schedule-rechecks": {
        "task": "errorbank.tasks.schedule_due_rechecks",
        "schedule": crontab(minute="50", hour="6"),
    },
    "notice-proposals": {
        "task": "errorbank.tasks.notice_proposals",
        "schedule": crontab(minute="10", hour="2"),
    },
    "settle-past-sessions": {
        "task": "training.tasks.settle_past_sessions",
        "schedule": crontab(minute="3", hour="0"),
    },
    "close-rotation-doors": {
        "task": "training.tasks.close_doors_of_rotation_leavers",
        "schedule": crontab(minute="6", hour="0"),
    },
    "forget-closed-helps": {
        "task": "training.tasks.forget_closed_helps",
        "schedule": crontab(minute="55", hour="3"),
    },
    "pull-contributions": {
        "task": "incentives.tasks.pull_contributions",
        "schedule": crontab(minute="10", hour="3"),
    },
    "settle-public-notices": {
        "task": "incentives.tasks.settle_public_notices",
        "schedule": crontab(minute="10", hour="0"),
    },
    "remind-level-terms": {
        "task": "incentives.tasks.remind_level_terms",
        "schedule": crontab(minute="20", hour="7"),
    },
    "prepare-briefs": {
        "task": "dashboards.tasks.prepare_briefs",
        "schedule": crontab(minute="20", hour="6"),
    },
    "survey-beat": {
        "task": "burden.tasks.survey_beat",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "box-tick": {
        "task": "burden.tasks.box_tick",
        "schedule": crontab(minute="40", hour="2"),
        "options": {"expires": 600},
    },
    "box-beat": {
        "task": "burden.tasks.box_beat",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    # Every hour a look whether last night's is there; made after 04:15, when the channel's tick is over.
    "make-backup": {
        "task": "backups.tasks.make_nightly_backup",
        "schedule": crontab(minute="15"),
        "options": {"expires": 3000},
    },
}
