"""What all pages here share: a form page and its status, and the permitted object or 404."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from branches.access import SignedInRequest
from branches.forms.base import ActionForm
from branches.models import Organisation

INVALID = 422


def form_page(request: HttpRequest, template: str, form: ActionForm, **context: Any) -> HttpResponse:
    """The page with its form; 422 when the form came back with errors."""
    status = INVALID if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def permitted(request: SignedInRequest, pk: int, permission: str, *, on: date) -> Organisation:
    """The organisation when this person may do `permission` on it, else 404."""
    mine = Organisation.objects.permitted_to(request.user, permission, on=on).select_related("parent")
    return get_object_or_404(mine, pk=pk)
