"""All routes: public pages at /, signed-in pages below /w/ (the cookies' path)."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from partyaffairs import views

to_login = RedirectView.as_view(pattern_name="accounts:login", query_string=True)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("healthz", views.healthz, name="healthz"),
    path("w/", views.home, name="home"),
    path("w/account/", include("accounts.urls")),
    path("w/organisations/", include("branches.urls")),
    path("w/reminders/", include("reminders.urls")),
    path("w/ledgers/", include("ledgers.urls")),
    # The admin site has no way in of its own: lockout, sign-in log and second page are the portal's.
    path("w/admin/login/", login_not_required(to_login), name="admin_login"),
    path("w/admin/", admin.site.urls),
]
