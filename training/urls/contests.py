"""Contests. A work is addressed by its key, never by a number."""

from django.urls import URLPattern, path

from training.views import contests, works

urlpatterns: list[URLPattern] = [
    path("contests/", contests.contest_list, name="contest_list"),
    path("contests/add/", contests.contest_add, name="contest_add"),
    path("contests/<int:pk>/", contests.contest_detail, name="contest_detail"),
    path("contests/<int:pk>/edit/", contests.contest_edit, name="contest_edit"),
    path("contests/<int:pk>/open/", contests.contest_open, name="contest_open"),
    path("contests/<int:pk>/close/", contests.contest_close, name="contest_close"),
    path("contests/<int:pk>/reopen/", contests.contest_reopen, name="contest_reopen"),
    path("contests/<int:pk>/start/", contests.contest_start, name="contest_start"),
    path("contests/<int:pk>/finish/", contests.contest_finish, name="contest_finish"),
    path("contests/<int:pk>/publish/", contests.contest_publish, name="contest_publish"),
    path("contests/<int:pk>/cancel/", contests.contest_cancel, name="contest_cancel"),
    path("contests/<int:pk>/judges/", contests.contest_judges, name="contest_judges"),
    path("contests/<int:pk>/applause/", contests.contest_applause, name="contest_applause"),
    path("contests/<int:pk>/judging/", works.judging_page, name="judging_page"),
    path("contests/<int:pk>/works/add/", works.work_add, name="work_add"),
    path("contests/judges/<int:pk>/drop/", contests.judge_drop, name="judge_drop"),
    path("contests/works/<slug:key>/", works.work_detail, name="work_detail"),
    path("contests/works/<slug:key>/edit/", works.work_edit, name="work_edit"),
    path("contests/works/<slug:key>/withdraw/", works.work_withdraw, name="work_withdraw"),
    path("contests/works/<slug:key>/screen/", works.work_screen, name="work_screen"),
    path("contests/works/<slug:key>/judge/", works.work_judge, name="work_judge"),
]
