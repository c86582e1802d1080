"""The addresses of the reminders, one file a subject; all below /w/reminders/."""

from reminders.urls import core, feed, handover, stand_ins

app_name = "reminders"
urlpatterns = [*core.urlpatterns, *handover.urlpatterns, *feed.urlpatterns, *stand_ins.urlpatterns]
