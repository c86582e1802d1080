"""Records, entries and nominations, at /w/incentives/ itself and below records/ and nominations/."""

from django.urls import URLPattern, path

from incentives.views import appeals, nominations, policies, records

urlpatterns: list[URLPattern] = [
    path("", records.record_mine, name="record_mine"),
    path("records/", records.record_list, name="record_list"),
    path("records/<int:pk>/", records.record_detail, name="record_detail"),
    path("records/conditions/add/", records.condition_add, name="condition_add"),
    path("records/policies/", policies.policy_list, name="policy_list"),
    path("records/policy/", policies.policy_try, name="policy_try"),
    path("entries/<int:pk>/take-back/", records.entry_take_back, name="entry_take_back"),
    path("appeals/", appeals.appeal_list, name="appeal_list"),
    path("appeals/add/", appeals.appeal_add, name="appeal_add"),
    path("appeals/<int:pk>/answer/", appeals.appeal_answer, name="appeal_answer"),
    path("nominations/", nominations.nomination_list, name="nomination_list"),
    path("nominations/add/", nominations.nomination_add, name="nomination_add"),
    path("nominations/<int:pk>/decide/", nominations.nomination_decide, name="nomination_decide"),
]
