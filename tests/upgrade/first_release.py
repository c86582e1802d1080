"""Makes a database as the first release left it: python -m tests.upgrade.first_release.

The tables by migrations, the rows from first_release.json; DATABASE_URL says where.
"""

import json
from pathlib import Path
from typing import Any

import django
import yaml
from django.db.models import Model

HERE = Path(__file__).parent
RELEASE: dict[str, Any] = yaml.safe_load((HERE / "first_release.yaml").read_text("utf-8"))


def kept_rows() -> dict[str, dict[str, list[Any]]]:
    """By name of the model: `fields`, and `rows` with a value for each."""
    loaded: dict[str, dict[str, list[Any]]] = json.loads((HERE / "first_release.json").read_text("utf-8"))
    return loaded


def build() -> None:
    """In an empty database."""
    # Only now: they need the apps.
    from django.core.management.color import no_style  # noqa: PLC0415
    from django.core.management.sql import emit_post_migrate_signal  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    from partyaffairs.migrating import WholeExecutor  # noqa: PLC0415

    executor = WholeExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] in RELEASE["others"]]
    assert {app for app, _ in others} == set(RELEASE["others"])
    state = executor.migrate([*RELEASE["migrations"].items(), *others])
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default", apps=state.apps, plan=[])
    with transaction.atomic():
        _left_behind(executor)
        models = [_pour(state.apps.get_model(name), **table) for name, table in kept_rows().items()]
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(sql)


def _left_behind(executor: Any) -> None:
    """What apps made that no version uses any more."""
    with executor.connection.cursor() as cursor:
        for table, columns in RELEASE["left_tables"].items():
            cursor.execute(f"CREATE TABLE {table} ({columns})")
    for app, name in RELEASE["left_migrations"]:
        executor.recorder.record_applied(app, name)


def _pour(model: type[Model], fields: list[str], rows: list[list[Any]]) -> type[Model]:
    by_column = {field.attname: field for field in model._meta.local_concrete_fields}
    assert sorted(by_column) == sorted(fields), model
    for row in rows:
        made = model()
        for name, value in zip(fields, row, strict=True):
            setattr(made, name, by_column[name].to_python(value))
        made.save_base(raw=True, force_insert=True)  # as it was: no moment of now in any column
    return model


if __name__ == "__main__":
    django.setup()
    build()
