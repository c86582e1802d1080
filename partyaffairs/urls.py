"""All routes: public pages at /, signed-in pages below /w/ (the cookies' path)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from partyaffairs import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("healthz", views.healthz, name="healthz"),
    path("w/", views.home, name="home"),
    path("w/account/", include("accounts.urls")),
    path("w/organisations/", include("branches.urls")),
    path("w/reminders/", include("reminders.urls")),
    path("w/ledgers/", include("ledgers.urls")),
    path("w/admin/", admin.site.urls),
]
