"""Leaf: the counters of wrong passwords, which keep neither what was typed nor who it was typed for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac

from accounts.models import User


def counter_of(username: str, mark: str = "") -> str:
    """The name of a counter: one per account however it is spelled, and one per device that `mark` names.

    A digest, because people type passwords into the name field.
    """
    name = User.normalize_username(username)
    digest = salted_hmac("accounts.lockout", name, algorithm="sha256").hexdigest()
    return f"{digest}:{mark}" if mark else digest


def forget_tries(user: User) -> None:
    """Every count of the account goes, of all devices and sources."""
    AccessAttempt.objects.filter(username__startswith=counter_of(user.username)).delete()


class FormlessHandler(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes has no types
    """Counts as django-axes does, and shows it no form: it would write down each field it has no mask for."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is None:  # a command asked, where nothing is counted
            super().user_login_failed(sender, credentials, request, **kwargs)
            return
        with _without_form(request):
            super().user_login_failed(sender, credentials, request, **kwargs)


@contextmanager
def _without_form(request: HttpRequest) -> Iterator[None]:
    got, posted = request.GET, request.POST
    request.GET = request.POST = QueryDict()
    try:
        yield
    finally:
        request.GET, request.POST = got, posted
