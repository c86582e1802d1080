"""Calendar links and the monthly sheet."""

from django.urls import URLPattern, path

from reminders.views import feeds, sheet

urlpatterns: list[URLPattern] = [
    path("feeds/", feeds.feed_list, name="feed_list"),
    path("feeds/add/", feeds.feed_add, name="feed_add"),
    path("feeds/<int:pk>/remake/", feeds.feed_remake, name="feed_remake"),
    path("feeds/<int:pk>/revoke/", feeds.feed_revoke, name="feed_revoke"),
    path("sheet/", sheet.month_sheet, name="month_sheet"),
]
