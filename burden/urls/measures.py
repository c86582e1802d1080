"""The measure lists, at /w/burden/."""

from django.urls import URLPattern, path

from burden.views import measure_edit, measures

urlpatterns: list[URLPattern] = [
    path("", measures.measure_list, name="measure_list"),
    path("card/", measures.measure_card, name="measure_card"),
    path("measures/<int:pk>/", measures.measure_detail, name="measure_detail"),
    path("measures/<int:pk>/values/add/", measure_edit.measure_value_add, name="measure_value_add"),
    path("measures/<int:pk>/values/take/", measure_edit.measure_value_take, name="measure_value_take"),
    path("values/<int:pk>/correct/", measure_edit.measure_value_correct, name="measure_value_correct"),
    path("lists/add/", measure_edit.measure_draft_add, name="measure_draft_add"),
    path("lists/<int:pk>/draft/", measure_edit.measure_draft, name="measure_draft"),
    path("lists/<int:pk>/pdf/", measures.measure_pdf, name="measure_pdf"),
    path("lists/<int:pk>/entries/add/", measure_edit.measure_entry_add, name="measure_entry_add"),
    path("lists/<int:pk>/issue/", measure_edit.measure_issue, name="measure_issue"),
    path("lists/<int:pk>/drop/", measure_edit.measure_drop, name="measure_drop"),
    path("lists/<int:pk>/close/", measure_edit.measure_close, name="measure_close"),
    path("entries/<int:pk>/edit/", measure_edit.measure_entry_edit, name="measure_entry_edit"),
]
