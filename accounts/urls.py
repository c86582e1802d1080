from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password_change, name="password_change"),
    path("password/confirm/", views.password_confirm, name="password_confirm"),
    path("sessions/", views.session_list, name="session_list"),
    path("sessions/<slug:handle>/end/", views.session_end, name="session_end"),
    path("sessions/end/", views.sessions_end, name="sessions_end"),
    path("large-text/", views.large_text, name="large_text"),
    path("", views.profile, name="profile"),
]
