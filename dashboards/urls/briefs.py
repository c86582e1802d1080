"""The monthly briefs, at /w/dashboard/briefs/."""

from django.urls import URLPattern, path

from dashboards.views import briefs

urlpatterns: list[URLPattern] = [
    path("dashboard/briefs/", briefs.brief_list, name="brief_list"),
    path("dashboard/briefs/add/", briefs.brief_add, name="brief_add"),
    path("dashboard/briefs/<int:pk>/", briefs.brief_detail, name="brief_detail"),
    path("dashboard/briefs/<int:pk>/pdf/", briefs.brief_pdf, name="brief_pdf"),
    path("dashboard/briefs/<int:pk>/renew/", briefs.brief_renew, name="brief_renew"),
    path("dashboard/briefs/<int:pk>/release/", briefs.brief_release, name="brief_release"),
    path("dashboard/briefs/<int:pk>/correct/", briefs.brief_correct, name="brief_correct"),
    path("dashboard/briefs/<int:pk>/drop/", briefs.brief_drop, name="brief_drop"),
    path("dashboard/briefs/<int:pk>/<slug:section>/", briefs.brief_edit, name="brief_edit"),
    path("dashboard/briefs/<int:pk>/<slug:section>/restore/", briefs.brief_restore, name="brief_restore"),
]
