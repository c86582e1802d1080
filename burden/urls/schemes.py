"""Assessment schemes and duty lists, at /w/burden/schemes/ and /w/burden/duties/."""

from django.urls import URLPattern, path

from burden.views import duties, schemes

urlpatterns: list[URLPattern] = [
    path("schemes/", schemes.scheme_list, name="scheme_list"),
    path("schemes/add/", schemes.scheme_add, name="scheme_add"),
    path("schemes/<int:pk>/", schemes.scheme_detail, name="scheme_detail"),
    path("schemes/<int:pk>/edit/", schemes.scheme_edit, name="scheme_edit"),
    path("schemes/<int:pk>/retire/", schemes.scheme_retire, name="scheme_retire"),
    path("duties/", duties.duty_list, name="duty_list"),
    path("duties/<str:code>/edit/", duties.duty_edit, name="duty_edit"),
    path("duties/<str:code>/excerpt/", duties.duty_excerpt, name="duty_excerpt"),
]
