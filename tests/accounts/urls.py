"""The pages of accounts with the few neighbours they lead to, so these tests need no other app's pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from accounts.access import recently_confirmed
from partyaffairs.views import landing


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


@recently_confirmed
def secret(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"secret {number} by {request.method}")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


def specimen(request: HttpRequest) -> HttpResponse:
    """Every component of the theme on one page, with a navigation of seven entries."""
    names = ("本月清单", "总览", "台账", "支部", "事项库", "专项工作", "账号")
    icons = ("calendar-check", "layout-grid", "book-open", "users", "list-checks", "send", "key-round")
    entries = [
        {"label": name, "icon": icon, "url": f"/w/specimen/#{n}", "active": n == 0}
        for n, (name, icon) in enumerate(zip(names, icons, strict=True))
    ]
    return render(request, "specimen.html", {"navigation": entries})


urlpatterns = [
    path("", landing, name="landing"),
    path("public/", public, name="public"),
    path("w/", home, name="home"),
    path("w/account/", include("accounts.urls")),
    path("w/secret/<int:number>/", secret, name="secret"),
    path("w/broken/", broken, name="broken"),
    path("w/specimen/", specimen, name="specimen"),
]
