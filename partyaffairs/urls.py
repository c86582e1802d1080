"""All routes: public pages at /, signed-in pages below /w/ (the cookies' path)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from accounts.views import logout
from partyaffairs import views
from reminders.views.feeds import feed_calendar

to_password = RedirectView.as_view(pattern_name="accounts:password_change")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("healthz", views.healthz, name="healthz"),
    path("healthz/jobs", views.healthz_jobs, name="healthz_jobs"),
    path("calendar/<path:name>", feed_calendar, name="feed_calendar"),
    path("box/", include("burden.box.urls")),
    path("w/", views.home, name="home"),
    path("w/operations/", views.operations_page, name="operations_page"),
    path("w/account/", include("accounts.urls")),
    path("w/account/factor/", include("factors.urls")),
    path("w/organisations/", include("branches.urls")),
    path("w/reminders/", include("reminders.urls")),
    path("w/training/", include("training.urls")),
    path("w/errors/", include("errorbank.urls")),
    path("w/incentives/", include("incentives.urls")),
    path("w/burden/", include("burden.urls")),
    path("w/ledgers/", include("ledgers.urls")),
    path("w/papers/", include("papers.urls")),
    path("w/personal/", include("personal.urls")),
    path("w/notices/", include("notices.urls")),
    path("w/", include("dashboards.urls")),
    path("w/help/", include("guide.urls")),
    # The admin site has no way in or out and no password page of its own: lockout and log are the portal's.
    path("w/admin/login/", views.admin_login, name="admin_login"),
    path("w/admin/logout/", logout, name="admin_logout"),
    path("w/admin/password_change/", to_password, name="admin_password_change"),
    path("w/admin/", admin.site.urls),
]

handler500 = "partyaffairs.views.server_error"
