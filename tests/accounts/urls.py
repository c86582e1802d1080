"""The pages of accounts with the few neighbours they lead to, so these tests need no other app's pages."""

from datetime import date
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from accounts.access import recently_confirmed
from partyaffairs.views import landing

SPECIMEN = Path(__file__).with_name("specimen.html").read_text("utf-8")
FRAGMENT = """{% extends "base.html" %}{% block title %}片段{% endblock %}{% block content %}<h1>片段</h1>
<form method="post" hx-post="/w/fragment/" hx-target="#place">{% csrf_token %}
<button class="btn btn-line" name="status" value="200">成功</button>
<button class="btn btn-line" name="status" value="422">退回</button>
<button class="btn btn-line" name="status" value="500">出错</button></form>
<div id="place"></div>{% endblock %}"""


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
    for level, text in ((messages.SUCCESS, "已保存。"), (messages.WARNING, "另有 2 项待确认。")):
        messages.add_message(request, level, text)
    rows = Paginator(["红土坡烟站党支部", "机关第一党支部", "青石岭烟站党支部"], per_page=2)
    context = {"navigation": entries, "page": rows.page(1), "days": [date(2026, 11, 13), date(2026, 11, 20)]}
    return HttpResponse(engines["django"].from_string(SPECIMEN).render(context, request))


def fragment(request: HttpRequest) -> HttpResponse:
    """A page whose buttons ask for a fragment: done, refused by the form, failing."""
    if request.method == "GET":
        return HttpResponse(engines["django"].from_string(FRAGMENT).render({}, request))
    status = int(request.POST["status"])
    focus = (
        '<div class="error-summary" tabindex="-1" role="alert">请核对</div>' if status == 422 else "已完成"
    )
    return HttpResponse(focus, status=status)


urlpatterns = [
    path("", landing, name="landing"),
    path("public/", public, name="public"),
    path("w/", home, name="home"),
    path("w/account/", include("accounts.urls")),
    path("w/secret/<int:number>/", secret, name="secret"),
    path("w/broken/", broken, name="broken"),
    path("w/fragment/", fragment, name="fragment"),
    path("w/specimen/", specimen, name="specimen"),
]
