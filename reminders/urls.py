from django.urls import URLPattern, path

from reminders.views import catalogue, items, joint, month, overview, packs, special_tasks

app_name = "reminders"
urlpatterns: list[URLPattern] = [
    path("overview/", overview.overview, name="overview"),
    path("overview/items/", overview.overview_list, name="overview_list"),
    path("missing/", overview.missing, name="missing"),
    path("missing/<int:action>/<str:period>/", overview.missing_action, name="missing_action"),
    path("actions/", catalogue.action_list, name="action_list"),
    path("actions/add/", catalogue.action_add, name="action_add"),
    path("actions/<slug:code>/", catalogue.action_detail, name="action_detail"),
    path("actions/<slug:code>/adopt/", catalogue.action_adopt, name="action_adopt"),
    path("actions/<slug:code>/switch-off/", catalogue.action_switch_off, name="action_switch_off"),
    path("actions/<slug:code>/adjust/", catalogue.action_adjust, name="action_adjust"),
    path("tasks/", special_tasks.task_list, name="task_list"),
    path("tasks/add/", special_tasks.task_add, name="task_add"),
    path("tasks/<int:pk>/", special_tasks.task_detail, name="task_detail"),
    path("tasks/<int:pk>/withdraw/", special_tasks.task_withdraw, name="task_withdraw"),
    path("packs/", packs.pack_list, name="pack_list"),
    path("packs/add/", packs.pack_add, name="pack_add"),
    path("packs/<int:pk>/", packs.pack_detail, name="pack_detail"),
    path("packs/<int:pk>/edit/", packs.pack_edit, name="pack_edit"),
    path("packs/<int:pk>/retire/", packs.pack_retire, name="pack_retire"),
    path("materials/<int:pk>/", packs.material_download, name="material_download"),
    path("materials/<int:pk>/remove/", packs.material_remove, name="material_remove"),
    path("joint/<int:pk>/", joint.joint_carry_out, name="joint_carry_out"),
    path("", month.month_list, name="month_list"),
    path("items/<int:pk>/", items.item_detail, name="item_detail"),
    path("items/<int:pk>/register/", items.item_register, name="item_register"),
    path("items/<int:pk>/close/", items.item_close, name="item_close"),
    path("items/<int:pk>/undo/", items.item_undo, name="item_undo"),
    path("items/<int:pk>/not-applicable/", items.item_not_applicable, name="item_not_applicable"),
    path("items/<int:pk>/return/", items.item_return, name="item_return"),
]
