"""A form that leaves a hook open is a base: a form in use says each of them."""

from collections.abc import Iterator

import pytest
from django.urls import get_resolver

from branches.forms.base import ActionForm
from branches.forms.edit import EditForm
from branches.forms.event import EventFields

HOOKS = ((ActionForm, "act"), (EditForm, "current_values"), (EditForm, "act_on"), (EventFields, "person"))


def leaves(base: type) -> Iterator[type]:
    below: list[type] = base.__subclasses__()
    if not below:
        yield base
    for child in below:
        yield from leaves(child)


@pytest.mark.parametrize(("base", "hook"), HOOKS, ids=[f"{b.__name__}.{h}" for b, h in HOOKS])
def test_every_form_in_use_says_the_hook(base: type, hook: str) -> None:
    assert get_resolver().url_patterns  # imports every view, and so every form
    forms = set(leaves(base)) - {base}
    assert len(forms) >= 2
    assert [form.__name__ for form in forms if getattr(form, hook) is getattr(base, hook)] == []
