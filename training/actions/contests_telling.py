"""Telling judges and authors; what a judge reads names no work, what an author reads names no judge."""

from collections.abc import Collection, Sequence

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from notices.actions.outbox import Letter, LineData, tell_all
from training.models import Contest, Work
from training.notice_events import CONTEST_JUDGING, CONTEST_RESULT, WORK_SCREENED, contest_subject


def tell_judges(contest: Contest, people: Collection[int], *, by: User) -> None:
    url = reverse("training:judging_page", args=[contest.pk])
    text = f"请在{contest.judge_until:%-m月%-d日}前逐份打分；作者和支部不显示。"
    line = LineData(text, "请登录查看", subject=contest_subject(contest.pk), url=url)
    title, key = f"请您评审：{contest.title}", f"judging:{contest.pk}"
    _tell(people, CONTEST_JUDGING, key, (title, "有一项竞赛请您评审"), [line], contest.organisation, by)


def tell_screened(work: Work, *, by: User) -> None:
    words = work.screen_note or "已经通过初审，将交评委评审。"
    line = LineData(words, "请登录查看", url=_url(work))
    title = f"作品{'通过初审' if work.is_accepted else '请修改后再报'}：{work.title}"
    key = f"work:{work.pk}:{work.revision}:{work.state}"
    _tell(_authors(work), WORK_SCREENED, key, (title, "参赛作品有初审结果"), [line], work.organisation, by)


def tell_result(contest: Contest, *, by: User) -> None:
    """Every author reads what became of the own work and what the judges said to it."""
    works = contest.works.accepted().select_related("contest", "organisation").order_by("key")
    for work in works.prefetch_related("judgements", "authors"):
        first = f"第 {work.place} 名，{work.score} 分，祝贺！" if work.is_awarded else "谢谢您的参与。"
        comments = sorted(judgement.comment for judgement in work.judgements.all())
        lines = [LineData(first, "请登录查看", url=_url(work))]
        lines += [LineData(f"评委的话：{comment}", "请登录查看", url=_url(work)) for comment in comments]
        title, key = f"竞赛结果已公布：{work.title}", f"contest:{contest.pk}:{work.pk}"
        told = (title, "参赛作品有评审结果")
        _tell(_authors(work), CONTEST_RESULT, key, told, lines, work.organisation, by)


def _authors(work: Work) -> list[int]:
    return [*{author.user_id for author in work.authors.all()} | {work.submitted_by_id}]


def _url(work: Work) -> str:
    return reverse("training:work_detail", args=[work.key])


def _tell(
    people: Collection[int],
    event: str,
    key: str,
    title: tuple[str, str],
    lines: Sequence[LineData],
    place: Organisation,
    by: User,
) -> None:
    """title: inside, and as it leaves the portal."""
    told = User.objects.filter(pk__in=list(people), is_active=True).exclude(pk=by.pk).order_by("pk")
    letters = [
        Letter(
            recipient=user,
            event=event,
            key=key,
            title=title[0],
            outside_title=title[1],
            lines=tuple(lines),
            url=lines[0].url,
            organisation=place,
        )
        for user in told
    ]
    tell_all(letters, now=timezone.now())
