from django.urls import path

from factors import views

app_name = "factors"

urlpatterns = [
    path("", views.factor_check, name="factor_check"),
    path("set-up/", views.factor_set_up, name="factor_set_up"),
    path("replace/", views.factor_replace, name="factor_replace"),
    path("codes/", views.factor_codes, name="factor_codes"),
    path("codes/confirm/", views.factor_codes_confirm, name="factor_codes_confirm"),
    path("off/", views.factor_off, name="factor_off"),
    path("<int:pk>/reset/", views.factor_reset, name="factor_reset"),
]
