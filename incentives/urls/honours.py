"""Public notices, honours and what is told of them, below notices/, honours/ and stories/."""

from django.urls import URLPattern, path

from incentives.views import honours, public_notices, stories

urlpatterns: list[URLPattern] = [
    path("notices/", public_notices.notice_list, name="notice_list"),
    path("notices/<int:pk>/object/", public_notices.notice_object, name="notice_object"),
    path("notices/<int:pk>/record/", public_notices.notice_record, name="notice_record"),
    path("notices/objections/<int:pk>/told/", public_notices.objection_told, name="objection_told"),
    path("notices/objections/<int:pk>/answer/", public_notices.objection_answer, name="objection_answer"),
    path("honours/", honours.honour_list, name="honour_list"),
    path("honours/calls/add/", honours.honour_call, name="honour_call"),
    path("honours/calls/<int:pk>/nominate/", honours.honour_nominate, name="honour_nominate"),
    path("honours/<int:pk>/", honours.honour_detail, name="honour_detail"),
    path("honours/<int:pk>/check/", honours.honour_check, name="honour_check"),
    path("honours/<int:pk>/vote/", honours.honour_vote, name="honour_vote"),
    path("honours/<int:pk>/decline/", honours.honour_decline, name="honour_decline"),
    path("honours/<int:pk>/withdraw/", honours.honour_withdraw, name="honour_withdraw"),
    path("honours/<int:pk>/award/", honours.honour_award, name="honour_award"),
    path("honours/<int:pk>/certificate/", honours.honour_certificate, name="honour_certificate"),
    path("honours/<int:pk>/stories/<slug:kind>/", stories.story_edit, name="story_edit"),
    path("stories/", stories.story_list, name="story_list"),
    path("stories/<int:pk>/", stories.story_detail, name="story_detail"),
    path("stories/<int:pk>/release/", stories.story_release, name="story_release"),
    path("stories/<int:pk>/take-back/", stories.story_take_back, name="story_take_back"),
]
