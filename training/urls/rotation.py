"""Rotation."""

from django.urls import URLPattern, path

from training.views import rotation

urlpatterns: list[URLPattern] = [
    path("rotation/", rotation.rotation_list, name="rotation_list"),
    path("rotation/add/", rotation.rotation_add, name="rotation_add"),
    path("rotation/<int:pk>/", rotation.rotation_detail, name="rotation_detail"),
    path("rotation/<int:pk>/away/", rotation.rotation_away, name="rotation_away"),
    path("rotation/<int:pk>/publish/", rotation.rotation_publish, name="rotation_publish"),
    path("rotation/<int:pk>/replan/", rotation.rotation_replan, name="rotation_replan"),
    path("rotation/<int:pk>/months/<int:month>/", rotation.rotation_month, name="rotation_month"),
    path("rotation/<int:pk>/months/<int:month>/check/", rotation.rotation_check, name="rotation_check"),
    path("rotation/<int:pk>/pairs/add/", rotation.rotation_pair, name="rotation_pair"),
    path("rotation/<int:pk>/pairs/<int:pair>/end/", rotation.rotation_unpair, name="rotation_unpair"),
    path("rotation/<int:pk>/away/<int:away>/end/", rotation.rotation_back, name="rotation_back"),
    path("rotation/turns/<int:pk>/", rotation.rotation_turn, name="rotation_turn"),
    path("rotation/turns/<int:pk>/feedback/", rotation.rotation_hand_in, name="rotation_hand_in"),
    path("rotation/turns/<int:pk>/sign/", rotation.rotation_sign, name="rotation_sign"),
]
