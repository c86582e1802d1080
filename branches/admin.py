"""Support only: superusers look things up here; every change goes through the portal's own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from branches.models import AccessGrant, Member, MemberEvent, Organisation, Post


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no subscript at run time
    """Changes would pass by the actions, their checks and the audit log."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "kind", "level", "dissolved_on", "facts_changed")
    list_filter = ("kind",)
    search_fields = ("code", "name")
    ordering = ("level", "code")


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(MemberEvent)
class MemberEventAdmin(ReadOnlyAdmin):
    list_display = ("member", "kind", "on", "organisation", "corrected_at")
    list_filter = ("kind",)
    list_select_related = ("member", "organisation")
    ordering = ("-on",)


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "role", "holder_name", "since", "until")
    list_filter = ("role",)
    list_select_related = ("organisation", "member", "user")
    ordering = ("-since",)


@admin.register(AccessGrant)
class AccessGrantAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "user", "kind", "since", "until")
    list_filter = ("kind",)
    list_select_related = ("organisation", "user")
    ordering = ("-since",)
