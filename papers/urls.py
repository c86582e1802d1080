from django.urls import path

from papers import views

app_name = "papers"
urlpatterns = [
    path("", views.paper_list, name="paper_list"),
    path("templates/add/", views.template_add, name="template_add"),
    path("templates/<int:pk>/", views.template_detail, name="template_detail"),
    path("templates/<int:pk>/download/", views.template_download, name="template_download"),
    path("templates/<int:pk>/replace/", views.template_replace, name="template_replace"),
    path("templates/<int:pk>/retire/", views.template_retire, name="template_retire"),
    path("<slug:code>/", views.paper_names, name="paper_names"),
    path("<slug:code>/sample.<slug:extension>", views.sample_download, name="sample_download"),
    path("<slug:code>/fill/", views.paper_fill, name="paper_fill"),
]
