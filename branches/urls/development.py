"""Addresses of the recruiting pipeline."""

from django.urls import URLPattern, path

from branches.views import development as views

urlpatterns: list[URLPattern] = [
    path("development/", views.development_list, name="development_list"),
    path("development/add/", views.development_add, name="development_add"),
    path("development/<int:pk>/", views.development_detail, name="development_detail"),
    path("development/<int:pk>/earlier/", views.development_earlier, name="development_earlier"),
    path("development/<int:pk>/steps/<int:number>/", views.development_record, name="development_record"),
    path("development/steps/<int:pk>/correct/", views.development_correct, name="development_correct"),
    path("development/<int:pk>/close/", views.development_close, name="development_close"),
    path("development/<int:pk>/reopen/", views.development_reopen, name="development_reopen"),
    path("development/<int:pk>/dossier.pdf", views.development_dossier, name="development_dossier"),
]
