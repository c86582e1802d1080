from django.urls import path

from personal import views

app_name = "personal"

urlpatterns = [
    path("", views.notice_page, name="notice_page"),
    path("mine/", views.own_data, name="own_data"),
    path("mine/file/", views.own_file, name="own_file"),
    path("mine/correct/", views.correction_ask, name="correction_ask"),
    path("mine/correct/<int:pk>/recall/", views.correction_recall, name="correction_recall"),
    path("corrections/", views.correction_list, name="correction_list"),
    path("corrections/<int:pk>/", views.correction_answer, name="correction_answer"),
]
