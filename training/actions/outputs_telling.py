"""Telling authors what is asked of them and what became of their output; nobody is told of the own act."""

from collections.abc import Collection

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.actions.outbox import Letter, LineData, tell_all
from training.models import Output, OutputUse, OutputVersion
from training.notice_events import OUTPUT_CREDIT, OUTPUT_REVIEWED, OUTPUT_USED, output_subject


def tell_credit(version: OutputVersion, *, by: User) -> None:
    """Every author who has not agreed to this version yet."""
    output = version.output
    missing = version.authors.filter(agreed_on=None).values_list("user", flat=True)
    line = _line(output, "请确认署名；不同意署名的，也可以在页面上去掉。", subject=output_subject(version.pk))
    key = f"output:{version.pk}:{version.revision}"
    _tell(
        output, missing, OUTPUT_CREDIT, f"请确认署名：{output.title}", "有一份成果请您确认署名", line, key, by
    )


def tell_reviewed(version: OutputVersion, *, by: User) -> None:
    output, published = version.output, version.output.published_id == version.pk
    words = version.answer or ("已经入库，各支部都能看到。" if published else "")
    title = f"成果{'已入库' if published else '退回修改'}：{output.title}"
    key = f"output:{version.pk}:{version.revision}:{version.state}"
    _tell(
        output, _authors(version), OUTPUT_REVIEWED, title, "有一份成果审核完了", _line(output, words), key, by
    )


def tell_used(use: OutputUse, *, by: User) -> None:
    output = use.output
    line = _line(output, f"{use.organisation.name}：{use.changed}")
    title, key = f"有支部用起来了：{output.title}", f"output_use:{use.pk}"
    _tell(output, _authors(output.published), OUTPUT_USED, title, "有支部用起了您的成果", line, key, by)


def _authors(version: OutputVersion | None) -> Collection[int]:
    return list(version.authors.values_list("user", flat=True)) if version else ()


def _line(output: Output, text: str, *, subject: str = "") -> LineData:
    url = reverse("training:output_detail", args=[output.pk])
    return LineData(text=text, outside_text="请登录查看", subject=subject, url=url)


def _tell(
    output: Output,
    people: Collection[int],
    event: str,
    title: str,
    outside: str,
    line: LineData,
    key: str,
    by: User,
) -> None:
    told = User.objects.filter(pk__in=list(people), is_active=True).exclude(pk=by.pk).order_by("pk")
    letters = [
        Letter(
            recipient=user,
            event=event,
            key=key,
            title=title,
            outside_title=outside,
            lines=(line,),
            url=line.url,
            organisation=output.organisation,
        )
        for user in told
    ]
    tell_all(letters, now=timezone.now())
