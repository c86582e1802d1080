from django.urls import URLPattern, path

from burden.views import box_desk, box_keys

urlpatterns: list[URLPattern] = [
    path("box/", box_desk.box_desk, name="box_desk"),
    path("box/reply/", box_desk.box_reply, name="box_reply"),
    path("box/key/", box_keys.box_key, name="box_key"),
    path("box/key/sheet/", box_keys.box_key_sheet, name="box_key_sheet"),
    path("box/key/<slug:name>/confirm/", box_keys.box_confirm, name="box_confirm"),
]
