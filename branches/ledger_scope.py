"""Leaf: the organisation that a ledger of this app or of one above is narrowed to, and its heading."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from branches.models import Organisation
from ledgers.forms import FilterForm
from ledgers.ledger import Cleaned

if TYPE_CHECKING:
    from branches.models.organisation import OrganisationQuerySet


class ScopedFilterForm(FilterForm):
    """Offers the organisations on which the reader has `permission`, and no others."""

    permission: ClassVar[str]
    organisation = forms.ModelChoiceField(
        label="组织",
        queryset=Organisation.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="全部",
        error_messages={"invalid_choice": "没有这个组织，或不在您的权限范围内。"},
    )

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        super().__init__(data, user=user, on=on)
        places = cast("forms.ModelChoiceField[Organisation]", self.fields["organisation"])
        places.queryset = self.places(user, on).in_tree_order()

    @classmethod
    def places(cls, user: User | None, on: date) -> "OrganisationQuerySet":
        """Organisations that may be chosen; without a user (the command line) all of them."""
        found = cls.all_places()
        return found if user is None else found.permitted_to(user, cls.permission, on=on)

    @classmethod
    def all_places(cls) -> "OrganisationQuerySet":
        return Organisation.objects.all()

    @classmethod
    def place_name(cls, user: User | None, cleaned: Cleaned, on: date) -> str:
        """The organisation chosen, else the highest one that the reader may choose."""
        chosen: Any = cleaned["organisation"]
        if chosen is not None:
            return str(chosen.name)
        roots = cls.places(user, on).in_tree_order().values_list("name", flat=True)[:1]
        return next(iter(roots), "全部组织")
