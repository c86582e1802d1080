"""Every address below /w/branches/, by subject."""

from branches.urls import core, development, elections, joint, roster, structure, tools

app_name = "branches"
urlpatterns = [
    *core.urlpatterns,
    *structure.urlpatterns,
    *roster.urlpatterns,
    *elections.urlpatterns,
    *development.urlpatterns,
    *joint.urlpatterns,
    *tools.urlpatterns,
]
