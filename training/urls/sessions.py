"""Sessions."""

from django.urls import URLPattern, path

from training.views import sessions

urlpatterns: list[URLPattern] = [
    path("", sessions.session_list, name="session_list"),
    path("sessions/add/", sessions.session_add, name="session_add"),
    path("sessions/<int:pk>/", sessions.session_detail, name="session_detail"),
    path("sessions/<int:pk>/edit/", sessions.session_edit, name="session_edit"),
    path("sessions/<int:pk>/cancel/", sessions.session_cancel, name="session_cancel"),
    path("sessions/<int:pk>/attendance/", sessions.session_hold, name="session_hold"),
    path("sessions/<int:pk>/reopen/", sessions.session_reopen, name="session_reopen"),
]
