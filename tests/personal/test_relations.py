"""The table of everything that points at a person is complete, and true."""

from collections import Counter

from django.apps import apps

from accounts.models import User
from branches.models import Member
from personal.relations import ABOUT
from personal.work_done import APART, DONE


def pointing() -> set[tuple[str, str]]:
    """Every relation of the portal's models to an account or a member."""
    return {
        (model._meta.label, field.name)
        for model in apps.get_models()
        if not model.__module__.startswith("tests.")
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model in {User, Member}
    }


def test_every_relation_to_a_person_stands_in_the_table_once() -> None:
    named = [(about.model_label, about.via) for about in ABOUT]
    named += [(label, name) for label, fields in DONE.items() for name in fields.split()]
    named += APART
    assert [pair for pair, count in Counter(named).items() if count > 1] == []
    assert pointing() - set(named) == set()
    assert set(named) - pointing() == set()


def test_every_path_that_is_shown_exists() -> None:
    for about in ABOUT:
        for label, path in about.facts:
            assert label
            about.model._base_manager.values_list(path)


def test_what_goes_is_no_ledger_and_codes_are_unique() -> None:
    assert [about.code for about in ABOUT if about.goes and about.ledger] == []
    assert len({about.code for about in ABOUT}) == len(ABOUT)


def test_why_a_fact_about_oneself_was_corrected_is_shown() -> None:
    events = next(about for about in ABOUT if about.code == "events")
    assert ("更正原因", "correction_reason") in events.facts
