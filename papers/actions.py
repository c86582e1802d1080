"""Putting templates in, exchanging and retiring them, and filling one.

A template is read by the child before the transaction begins: no writer waits for it. Two templates in use of
one organisation and source never bear the same title, so a form sent twice makes one row.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from papers.filling import parent
from papers.filling.syntax import TemplateRefused
from papers.gate import check_template
from papers.models import PaperTemplate
from papers.queries import Layout, nearest_names
from papers.source import PaperSource, PaperValues, find_source

MOST_TOLD = 8
NO_PLACEHOLDER = (
    "文件里没有占位符，填不进内容。请在要填写的位置写上名称，例如“{{{{ {example} }}}}”，保存后再上传；"
    "能用的名称见“可用名称”。"
)


class TemplateNotTaken(Refusal):
    """The file cannot be used; the sentence says what to change in it."""


class TitleTaken(Refusal):
    """There is such a template in use; perhaps the form was sent twice."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"已经有模板“{title}”，没有重复添加。要换成新文件，请打开那个模板点“替换”；内容不同的，请换一个名称。"
        )


class TemplateRetired(Refusal):
    def __init__(self, template: PaperTemplate) -> None:
        super().__init__(f"模板“{template.title}”已经停用或替换，不能再改。")


@dataclass(frozen=True)
class TemplateFile:
    """An uploaded file: its name decides nothing but its kind."""

    name: str
    content: bytes


@dataclass(frozen=True)
class TemplateData:
    source: PaperSource
    title: str
    issuer: str = ""


@dataclass(frozen=True)
class FilledPaper:
    name: str
    content: bytes


def add_template(
    organisation: Organisation, *, data: TemplateData, file: TemplateFile, by: User | None
) -> PaperTemplate:
    """For the organisation and everybody below it. Raises TemplateNotTaken, TitleTaken."""
    made = _read(file, data.source)
    made.organisation, made.source = organisation, data.source.code
    made.title, made.issuer, made.added_by = data.title, data.issuer, by
    return _kept(made, "papers.template_added", by)


def replace_template(
    template: PaperTemplate, *, file: TemplateFile, by: User | None, at: datetime
) -> PaperTemplate:
    """A new row takes the place of the old one, which is kept. Raises TemplateNotTaken, TemplateRetired."""
    made = _read(file, find_source(template.source))
    made.organisation, made.source = template.organisation, template.source
    made.title, made.issuer, made.added_by = template.title, template.issuer, by
    with transaction.atomic():
        _retire(template, at)
        _kept(made, "papers.template_replaced", by)
        PaperTemplate.objects.filter(pk=template.pk).update(replaced_by=made)
    return made


@transaction.atomic
def retire_template(template: PaperTemplate, *, by: User | None, at: datetime) -> None:
    """Raises TemplateRetired."""
    _retire(template, at)
    audit.record("papers.template_retired", by=by, target=template)


def fill_template(
    layout: Layout, matter: PaperValues, *, object_id: int, blank: Collection[str], by: User | None
) -> FilledPaper:
    """`matter` is what the source gave this person. Raises ValuesMissing, TemplateNotTaken."""
    filling = parent.filling_of(matter.values, matter.lists, blank=blank)
    try:
        content = parent.fill(layout.content, layout.kind, filling)
    except TemplateRefused as refused:
        raise TemplateNotTaken(str(refused)) from refused
    detail = {
        "source": layout.source.code,
        "object": object_id,
        "layout": layout.key,
        "blank": sorted(blank),
        "digest": sha256(content).hexdigest(),
    }
    audit.record("papers.template_filled", by=by, target=layout.template, detail=detail)
    return FilledPaper(file_name(layout, matter), content)


def file_name(layout: Layout, matter: PaperValues) -> str:
    place = matter.organisation[:40].replace("/", "_")
    return f"{layout.source.title}_{place}_{matter.day:%Y-%m-%d}.{layout.kind}"


def _read(file: TemplateFile, source: PaperSource) -> PaperTemplate:
    """An unsaved template with its content and names. Raises TemplateNotTaken."""
    try:
        kind = check_template(file.content, file.name)
        names = parent.read_names(file.content, kind)
    except TemplateRefused as refused:
        raise TemplateNotTaken(str(refused)) from refused
    if not names:
        raise TemplateNotTaken(NO_PLACEHOLDER.format(example=source.fields[0].name))
    if unknown := [name for name in names if name not in source.names]:
        raise TemplateNotTaken(_unknown_words(unknown, source))
    digest = sha256(file.content).hexdigest()
    return PaperTemplate(kind=kind, content=file.content, names=names, digest=digest)


def _unknown_words(unknown: Sequence[str], source: PaperSource) -> str:
    told = "；".join(_unknown_word(name, source) for name in unknown[:MOST_TOLD])
    rest = f"；另有 {len(unknown) - MOST_TOLD} 个" if len(unknown) > MOST_TOLD else ""
    return f"有 {len(unknown)} 个名称“{source.title}”里没有：{told}{rest}。请在文件里改好后再上传。"


def _unknown_word(name: str, source: PaperSource) -> str:
    near = "、".join(f"“{found}”" for found in nearest_names(name, source))
    return f"“{name}”（相近的有{near}）" if near else f"“{name}”"


def _kept(made: PaperTemplate, event: str, by: User | None) -> PaperTemplate:
    try:
        with transaction.atomic():
            made.save()
            detail = {"source": made.source, "digest": made.digest, "names": len(made.names)}
            audit.record(event, by=by, target=made, detail=detail)
    except IntegrityError:
        raise TitleTaken(made.title) from None
    return made


def _retire(template: PaperTemplate, at: datetime) -> None:
    if not PaperTemplate.objects.in_use().filter(pk=template.pk).update(retired_at=at):
        raise TemplateRetired(template)
