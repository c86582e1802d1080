"""Migrations that may be cut off anywhere, and that do not take minutes.

Django notes down that a migration is done in the same transaction only where nothing is left for its end;
with foreign keys or indexes to add, the note comes after. Whoever pulls the plug in between has tables that
the next run wants to make again, and fails for ever. Here the work and its note are one transaction.

Django also draws most models anew after each operation, because nearly all of them lead to organisations
and accounts. An operation of `LEAN` looks at its own model and at what that points to; the others are left
as they were until a function of ours or another operation wants all of them (`is_delayed`, Django's own word
for it). That the tables are the same either way, tests/upgrade compares.
"""

from typing import Any

from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterModelOptions,
    CreateModel,
    RemoveConstraint,
    RemoveIndex,
    RunPython,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

LEAN = (
    AddConstraint,
    AddField,
    AddIndex,
    AlterModelOptions,
    CreateModel,
    RemoveConstraint,
    RemoveIndex,
    RunPython,
)


def is_lean(operation: Operation) -> bool:
    if isinstance(operation, AlterField):
        field = operation.field
        return not (field.is_relation or field.primary_key or field.unique)
    return isinstance(operation, LEAN)


class LeanState(ProjectState):
    """Draws one model anew where that is enough."""

    lean = False

    def clone(self) -> "LeanState":
        plain = super().clone()
        made = LeanState(plain.models, plain.real_apps)
        made.is_delayed = plain.is_delayed
        if "apps" in plain.__dict__:
            made.__dict__["apps"] = plain.apps
        return made

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        if not self.lean:
            super().reload_model(app_label, model_name, delay)
        elif "apps" in self.__dict__:
            self.is_delayed = True
            self._reload({(app_label, model_name)})  # type: ignore[attr-defined]  # not in the stubs


class WholeExecutor(MigrationExecutor):
    """One transaction for what a migration does and for the note that it is done."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> LeanState:
        plain = super()._create_project_state(with_applied_migrations)  # type: ignore[misc]  # not in the stubs
        return LeanState(plain.models, plain.real_apps)

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if fake or fake_initial or not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        self._tell("apply_start", migration)
        with self.connection.schema_editor(atomic=True) as editor:
            state = migration.apply(_prepared(state, migration), editor)
            for statement in editor.deferred_sql:
                editor.execute(statement, None)
            editor.deferred_sql.clear()
            self.record_migration(migration)  # type: ignore[call-arg, arg-type]  # the stubs are older
        self._tell("apply_success", migration)
        return state

    def _tell(self, *what: Any) -> None:
        if self.progress_callback:
            self.progress_callback(*what, False)  # type: ignore[call-arg]  # the stubs are older


def _prepared(state: ProjectState, migration: Migration) -> ProjectState:
    if isinstance(state, LeanState):
        state.lean = all(map(is_lean, migration.operations))
        if not state.lean:
            state.clear_delayed_apps_cache()
    assert state.apps  # noqa: S101 - drawn before the first operation: fields keep their order by it
    return state
