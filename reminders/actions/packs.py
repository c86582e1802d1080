"""Writes of study packs: links and files that help with an action.

Two packs of one organisation, or two materials of one pack, never bear the same title. Readers could not tell
them apart, and a form submitted twice makes one row: no token has to travel with the form for that.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.core.files import File
from django.db import IntegrityError, transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from reminders.models import Action, StudyMaterial, StudyPack
from reminders.uploads import check_file
from training.models import Session

TITLE_LENGTH = 80


class PackRefusal(Exception):
    """A change of a study pack is refused; str() is the sentence for the reader."""


class PackRetired(PackRefusal):
    def __init__(self, pack: StudyPack) -> None:
        super().__init__(f"资料包“{pack.title}”已经停用，不能再改。")


class TitleTaken(PackRefusal):
    """The organisation has such a pack, or the pack such a material; perhaps the form was sent twice."""

    def __init__(self, title: str) -> None:
        super().__init__(f"已经有“{title}”，没有重复添加；如内容不同，请换一个名称。")


class SessionHasPack(PackRefusal):
    def __str__(self) -> str:
        return "这次培训已经有资料包，请在那里添加资料。"


class LinkRefused(PackRefusal):
    def __init__(self) -> None:
        super().__init__("链接请以 http:// 或 https:// 开头。")


class MaterialGone(PackRefusal):
    def __init__(self) -> None:
        super().__init__("这份资料已经移除，请刷新页面。")


@dataclass(frozen=True)
class PackData:
    title: str
    summary: str
    actions: Iterable[Action]
    session: Session | None = None


@transaction.atomic
def add_pack(organisation: Organisation, *, data: PackData, by: User) -> StudyPack:
    """Publish a pack of this organisation for everybody below it. Raises TitleTaken."""
    pack, made = StudyPack.objects.in_use().get_or_create(
        organisation=organisation,
        title=data.title,
        retired_at=None,
        defaults={"summary": data.summary, "made_by": by, "session": _free(data.session)},
    )
    if not made:
        raise TitleTaken(data.title)
    pack.actions.set(data.actions)
    audit.record("reminders.pack_added", by=by, target=pack)
    return pack


@transaction.atomic
def edit_pack(pack: StudyPack, *, data: PackData, by: User) -> StudyPack:
    """Raises PackRetired, TitleTaken."""
    pack = _in_use(pack)
    before = {"title": pack.title, "summary": pack.summary}
    pack.title, pack.summary = data.title, data.summary
    try:
        with transaction.atomic():
            pack.save(update_fields=["title", "summary"])
    except IntegrityError:
        raise TitleTaken(data.title) from None
    pack.actions.set(data.actions)
    audit.record("reminders.pack_edited", by=by, target=pack, detail={"before": before})
    return pack


@transaction.atomic
def retire_pack(pack: StudyPack, *, by: User, at: datetime) -> StudyPack:
    """Take the pack off every list; its content stays. Raises PackRetired."""
    if not StudyPack.objects.in_use().filter(pk=pack.pk).update(retired_at=at):
        raise PackRetired(pack)
    audit.record("reminders.pack_retired", by=by, target=pack)
    pack.refresh_from_db()
    return pack


@transaction.atomic
def add_link(pack: StudyPack, *, title: str, url: str, by: User) -> StudyMaterial:
    """Raises LinkRefused for anything but http and https, PackRetired, TitleTaken."""
    pack = _in_use(pack)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise LinkRefused
    title = _free_title(pack, (title or url)[:TITLE_LENGTH])
    material = StudyMaterial.objects.create(pack=pack, title=title, url=url)
    audit.record("reminders.material_added", by=by, target=pack, detail={"title": material.title, "url": url})
    return material


@transaction.atomic
def add_file(pack: StudyPack, *, title: str, file: "File[bytes]", by: User) -> StudyMaterial:
    """Keep a file under a random name, its own name as title.

    Raises FileRefused, PackRetired, TitleTaken.
    """
    pack = _in_use(pack)
    original = file.name or ""
    extension = check_file(original, file.size, file)
    material = StudyMaterial(pack=pack, title=_free_title(pack, (title or original)[-TITLE_LENGTH:]))
    # The sender's name never becomes a path.
    file.name = f"{secrets.token_hex(16)}.{extension}"
    material.file = file
    material.save()
    audit.record("reminders.material_added", by=by, target=pack, detail={"title": material.title})
    return material


@transaction.atomic
def remove_material(material: StudyMaterial, *, by: User) -> None:
    """Take one material out; its file goes when the removal is certain. Raises MaterialGone, PackRetired."""
    _in_use(material.pack)
    if not StudyMaterial.objects.filter(pk=material.pk).delete()[0]:
        raise MaterialGone
    audit.record("reminders.material_removed", by=by, target=material.pack, detail={"title": material.title})
    if material.file:
        storage, name = material.file.storage, str(material.file.name)
        transaction.on_commit(lambda: storage.delete(name))


def _free(session: Session | None) -> Session | None:
    """The session, unless it has its pack already: two clicks at once make one. Raises SessionHasPack."""
    if session is not None:
        Session.objects.select_for_update().get(pk=session.pk)
        if StudyPack.objects.in_use().filter(session=session).exists():
            raise SessionHasPack(session)
    return session


def _free_title(pack: StudyPack, title: str) -> str:
    """The title, when no material of the pack bears it; the caller has locked the pack."""
    if pack.materials.filter(title=title).exists():
        raise TitleTaken(title)
    return title


def _in_use(pack: StudyPack) -> StudyPack:
    found = StudyPack.objects.in_use().select_for_update().filter(pk=pack.pk).first()
    if found is None:
        raise PackRetired(pack)
    return found
