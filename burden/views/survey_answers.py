"""Answering the pulse survey, at /box/survey/: nobody signs in, nothing is written down but sums."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from burden.box.door import QuietRequest, quiet_page, quiet_read, render_quietly
from burden.forms.surveys import AnswerForm
from burden.models.surveys import SurveyRound
from burden.queries.questionnaires import current_questionnaire, questionnaires


@quiet_page
def survey(request: QuietRequest) -> HttpResponse:
    """The questions of the running round; without one the page says so and still keeps what is sent."""
    running = SurveyRound.objects.open().first()
    asked = questionnaires()[running.questionnaire] if running else current_questionnaire()
    form = AnswerForm(request.POST if request.method == "POST" else None, asked=asked)
    if form.is_valid() and form.save(by=None, on=timezone.localdate()):
        return HttpResponseRedirect(reverse("box:survey_done"))
    context = {"form": form, "asked": asked, "running": running}
    return render_quietly(request, "box/survey.html", context, status=422 if form.errors else 200)


@quiet_read
def survey_done(request: QuietRequest) -> HttpResponse:
    return render_quietly(request, "box/survey_done.html")
