"""Support only: superusers look things up here; every change goes through the portal's own pages."""

from django.contrib import admin

from accounts.admin import LookOnly
from branches.models import AccessGrant, Member, MemberEvent, Organisation, Post


class ReadOnlyAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # takes no subscript at run time
    pass


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
