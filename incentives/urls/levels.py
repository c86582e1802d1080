"""Levels, the reserve pool and evidence files, below levels/, reserve/ and dossiers/."""

from django.urls import URLPattern, path

from incentives.views import development, level_years, levels

urlpatterns: list[URLPattern] = [
    path("levels/", levels.level_mine, name="level_mine"),
    path("levels/people/", levels.level_list, name="level_list"),
    path("levels/people/<int:pk>/", levels.level_person, name="level_person"),
    path(
        "levels/people/<int:pk>/evidence/<slug:check>/<int:years>/",
        levels.level_evidence,
        name="level_evidence",
    ),
    path("levels/people/<int:pk>/facts/add/", level_years.level_fact_add, name="level_fact_add"),
    path("levels/facts/<int:pk>/back/", level_years.level_fact_back, name="level_fact_back"),
    path("levels/apply/<slug:code>/", levels.level_apply, name="level_apply"),
    path("levels/cases/<int:pk>/", levels.level_case, name="level_case"),
    path("levels/cases/<int:pk>/decide/", levels.level_decide, name="level_decide"),
    path("levels/cases/<int:pk>/withdraw/", levels.level_withdraw, name="level_withdraw"),
    path("levels/standard/", levels.level_standard, name="level_standard"),
    path("levels/terms/<int:pk>/year/", level_years.level_year, name="level_year"),
    path("levels/terms/<int:pk>/warn/", level_years.level_warn, name="level_warn"),
    path("levels/warnings/<int:pk>/received/", level_years.level_received, name="level_received"),
    path("levels/warnings/<int:pk>/deliver/", level_years.level_deliver, name="level_deliver"),
    path("levels/warnings/<int:pk>/lower/", level_years.level_lower, name="level_lower"),
    path("reserve/", development.reserve_list, name="reserve_list"),
    path("reserve/propose/", development.reserve_propose, name="reserve_propose"),
    path("reserve/<int:pk>/answer/", development.reserve_answer, name="reserve_answer"),
    path("reserve/<int:pk>/decide/", development.reserve_decide, name="reserve_decide"),
    path("reserve/<int:pk>/end/", development.reserve_end, name="reserve_end"),
    path("reserve/recommendations/add/", development.recommendation_add, name="recommendation_add"),
    path("dossiers/people/<int:pk>/", development.dossier_list, name="dossier_list"),
    path("dossiers/people/<int:pk>/make/", development.dossier_make, name="dossier_make"),
    path("dossiers/<int:pk>/", development.dossier_download, name="dossier_download"),
]
