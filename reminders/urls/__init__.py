"""The addresses of the reminders, one file a subject; all below /w/reminders/."""

from reminders.urls import core, feed, handover

app_name = "reminders"
urlpatterns = [*core.urlpatterns, *handover.urlpatterns, *feed.urlpatterns]
