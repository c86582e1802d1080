from django.urls import path

from notices.views import channel, failed, message

app_name = "notices"

urlpatterns = [
    path("", message.message_list, name="message_list"),
    path("unread/", message.unread_count, name="unread_count"),
    path("read/", message.message_read_all, name="message_read_all"),
    path("<int:pk>/", message.message_detail, name="message_detail"),
    path("settings/", channel.notice_settings, name="notice_settings"),
    path("settings/choices/", channel.choice_edit, name="choice_edit"),
    path("settings/hours/", channel.hours_edit, name="hours_edit"),
    path("channels/add/<slug:kind>/", channel.channel_add, name="channel_add"),
    path("channels/<int:pk>/edit/", channel.channel_edit, name="channel_edit"),
    path("channels/<int:pk>/pause/", channel.channel_pause, name="channel_pause"),
    path("channels/<int:pk>/remove/", channel.channel_remove, name="channel_remove"),
    path("channels/<int:pk>/try/", channel.channel_try, name="channel_try"),
    path("failed/", failed.failed_list, name="failed_list"),
    path("failed/<int:pk>/retry/", failed.failed_retry, name="failed_retry"),
]
