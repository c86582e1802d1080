from django.urls import path

from branches.views import account, calendar, grant, member, organisation, post
from branches.views.start import start

urlpatterns = [
    path("", organisation.organisation_tree, name="organisation_tree"),
    path("start/", start, name="start"),
    path("add/", organisation.organisation_add, name="organisation_add"),
    path("add-several/", organisation.organisations_add, name="organisations_add"),
    path("<int:pk>/", organisation.organisation_detail, name="organisation_detail"),
    path("<int:pk>/edit/", organisation.organisation_edit, name="organisation_edit"),
    path("<int:pk>/move/", organisation.organisation_move, name="organisation_move"),
    path("<int:pk>/dissolve/", organisation.organisation_dissolve, name="organisation_dissolve"),
    path("<int:pk>/members/add/", member.member_add, name="member_add"),
    path("members/<int:pk>/", member.member_detail, name="member_detail"),
    path("members/<int:pk>/edit/", member.member_edit, name="member_edit"),
    path("members/<int:pk>/events/add/", member.event_add, name="event_add"),
    path("events/<int:pk>/correct/", member.event_correct, name="event_correct"),
    path("<int:pk>/posts/add/", post.post_add, name="post_add"),
    path("posts/<int:pk>/end/", post.post_end, name="post_end"),
    path("<int:pk>/grants/add/", grant.grant_add, name="grant_add"),
    path("grants/<int:pk>/end/", grant.grant_end, name="grant_end"),
    path("<int:pk>/terms/add/", post.term_add, name="term_add"),
    path("terms/<int:pk>/extend/", post.term_extend, name="term_extend"),
    path("<int:pk>/groups/add/", post.group_add, name="group_add"),
    path("groups/<int:pk>/edit/", post.group_edit, name="group_edit"),
    path("groups/<int:pk>/end/", post.group_end, name="group_end"),
    path("calendar/", calendar.calendar_list, name="calendar_list"),
    path("calendar/<int:pk>/remove/", calendar.calendar_remove, name="calendar_remove"),
    path("accounts/", account.account_list, name="account_list"),
    path("accounts/add/", account.account_add, name="account_add"),
    path("accounts/add-several/", account.accounts_add, name="accounts_add"),
    path("accounts/<int:pk>/reset/", account.account_reset, name="account_reset"),
    path("accounts/<int:pk>/disable/", account.account_disable, name="account_disable"),
    path("accounts/<int:pk>/enable/", account.account_enable, name="account_enable"),
]
