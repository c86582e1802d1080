from django.urls import path

from ledgers import views
from ledgers.archive import views as archive
from ledgers.exports import views as exports

app_name = "ledgers"

urlpatterns = [
    path("", views.ledger_list, name="ledger_list"),
    path("jobs/<uuid:pk>/", views.job_progress, name="job_progress"),
    path("jobs/<uuid:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<uuid:pk>/restart/", views.job_restart, name="job_restart"),
    path("jobs/<uuid:pk>/download/", views.job_download, name="job_download"),
    path("archive/", archive.archive_page, name="archive_page"),
    path("exports/", exports.export_list, name="export_list"),
    path("exports/check/", exports.export_check, name="export_check"),
    path("exports/<slug:number>/", exports.export_detail, name="export_detail"),
    path("exports/<slug:number>/compare/", exports.export_compare, name="export_compare"),
    path("exports/<slug:number>/again/<str:extension>/", exports.export_again, name="export_again"),
    path("<slug:slug>/", views.ledger_preview, name="ledger_preview"),
    path("<slug:slug>/jobs/<str:extension>/", views.job_start, name="job_start"),
    path("<slug:slug>/export.<str:extension>", views.ledger_export, name="ledger_export"),
]
