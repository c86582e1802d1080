"""What helps: study packs for the actions ahead, people to ask, documents and ledgers."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from branches.models import Post
from branches.roles import holders_of
from branches.rules import Role
from ledgers.registry import find_ledger, slugs
from reminders.handover_rules import Part
from reminders.models import StudyPack
from reminders.queries.catalogue import line_paths
from reminders.queries.handover.parts.lines import Bundle, PackLine
from reminders.queries.item_rows import materials_for

CONTACT_ROLES = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.WORKER, Role.GENERAL_BRANCH_STAFF)
# Pages everybody who takes over needs: name of the address, permission, title, what it is good for.
PAGES = (
    ("reminders:action_list", "reminders.view_catalogue", "事项目录", "每项工作的时限、步骤、依据和最低记录"),
    ("branches:policy_list", "branches.view_policy", "规则与依据", "人数、任期、时限等规则和出处"),
)


def material_lines(bundle: Bundle) -> Iterator[PackLine]:
    """Packs in use that help with an action ahead; two statements."""
    names = {version.action_id: version.name for version in bundle.versions}
    used: dict[int, list[str]] = {}
    for action, materials in materials_for(names, bundle.place).items():
        for key in dict.fromkeys(material.pack for material in materials):
            used.setdefault(key, []).append(names[action])
    for pack in StudyPack.objects.filter(pk__in=used).order_by("title", "pk"):
        detail = f"用于{'、'.join(sorted(used[pack.pk]))}"
        url = reverse("reminders:pack_detail", args=[pack.pk])
        yield PackLine(Part.MATERIALS, f"pack:{pack.pk}", pack.title, detail, url=url)


def contact_lines(bundle: Bundle) -> Iterator[PackLine]:
    """Names and posts; one statement."""
    near = Q(organisation=bundle.place) & ~Q(role=Role.GENERAL_BRANCH_STAFF)
    above = Q(organisation__path__in=line_paths(bundle.place), role=Role.GENERAL_BRANCH_STAFF)
    posts = Post.objects.at(bundle.on).filter(near | above, role__in=CONTACT_ROLES)
    found = posts.exclude(pk=bundle.post.pk).select_related("member", "user", "organisation")
    for post in sorted(found, key=lambda post: (CONTACT_ROLES.index(Role(post.role)), post.pk)):
        title = f"{post.get_role_display()}：{post.holder_name}"
        yield PackLine(Part.CONTACTS, f"post:{post.pk}", title, post.organisation.name)


def document_lines(bundle: Bundle) -> Iterator[PackLine]:
    """Pages and ledgers that the holder of the post may open; no statement."""
    role = Role(bundle.handover.role)
    for name, permission, title, detail in PAGES:
        if role in holders_of(permission):
            yield PackLine(Part.DOCUMENTS, name, title, detail, url=reverse(name))
    for slug in slugs():
        ledger = find_ledger(slug)
        if role in holders_of(ledger.permission):
            url = f"{reverse('ledgers:ledger_preview', args=[slug])}?organisation={bundle.place.code}"
            yield PackLine(Part.DOCUMENTS, f"ledger:{slug}", ledger.title, "可筛选、导出表格", url=url)
    if role in holders_of("branches.import_roster"):
        url = reverse("branches:roster_export", args=[bundle.place.pk])
        yield PackLine(Part.DOCUMENTS, "roster", "名册表格", "按导入格式下载，改好可导入", url=url)
