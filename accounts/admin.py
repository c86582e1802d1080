"""Support only; everyday work on accounts happens on the pages of branches."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import admin as _auth_admin  # noqa: F401 - registers Group before it is taken out
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.models import SignIn, User

# Django's ModelAdmin is generic only for the type checker.
if TYPE_CHECKING:
    UserAdminBase = admin.ModelAdmin[User]
    SignInAdminBase = admin.ModelAdmin[SignIn]
else:
    UserAdminBase = SignInAdminBase = admin.ModelAdmin


admin.site.unregister(Group)  # rights come from posts and grants; nothing here asks for a group


class LookOnly:
    """Changes would pass by the actions, their checks and the audit log."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(LookOnly, UserAdminBase):
    list_display = ("username", "name", "is_active", "is_staff", "short_session", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name")
    fields = ("username", "name", "is_active", "is_staff", "short_session", "last_login", "date_joined")


@admin.register(SignIn)
class SignInAdmin(LookOnly, SignInAdminBase):
    list_display = ("at", "user", "outcome", "source")
    list_filter = ("outcome",)
    list_select_related = ("user",)
    ordering = ("-at",)
