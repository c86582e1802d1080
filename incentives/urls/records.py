"""Records, entries and nominations, at /w/incentives/ itself and below records/ and nominations/."""

from django.urls import URLPattern, path

from incentives.views import nominations, policies, records

urlpatterns: list[URLPattern] = [
    path("", records.record_mine, name="record_mine"),
    path("records/", records.record_list, name="record_list"),
    path("records/<int:pk>/", records.record_detail, name="record_detail"),
    path("records/conditions/add/", records.condition_add, name="condition_add"),
    path("records/policies/", policies.policy_list, name="policy_list"),
    path("records/policy/", policies.policy_try, name="policy_try"),
    path("entries/<int:pk>/take-back/", records.entry_take_back, name="entry_take_back"),
    path("nominations/", nominations.nomination_list, name="nomination_list"),
    path("nominations/add/", nominations.nomination_add, name="nomination_add"),
    path("nominations/<int:pk>/decide/", nominations.nomination_decide, name="nomination_decide"),
]
