from django.urls import path

from guide import views

app_name = "guide"

urlpatterns = [
    path("", views.help_list, name="help_list"),
    path("here/", views.help_here, name="help_here"),
    path("tour/<slug:code>/", views.tour_page, name="tour_page"),
    path("tour/<slug:code>/done/", views.tour_done, name="tour_done"),
    path("<slug:code>/", views.help_page, name="help_page"),
]
