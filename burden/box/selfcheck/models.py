"""The tables of the channel: no time, no order, nobody's key; in the models and in the real database."""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import connection, models

from burden.box.selfcheck.report import Deviation

PREFIX = "Box"
RECIPIENT = "BoxRecipient"  # the one that names people: who is a recipient is no secret
FORBIDDEN = (
    models.DateTimeField,
    models.TimeField,
    models.DurationField,
    models.AutoField,
    models.BigAutoField,
    models.SmallAutoField,
    models.GenericIPAddressField,
    models.FileField,
    models.UUIDField,
)
MONTH = "month"  # the one date: the first day of a month
PEOPLE = ("user", "member", "organisation", "post", "signin", "record")
TO_DEVELOPER = "这是程序的改动造成的，请换回正式版本，或请开发人员改正后再开放。"
POSTGRES_TYPES = ("timestamp", "time", "interval", "inet", "uuid", "oid")


def channel_models() -> list[type[models.Model]]:
    """Every table of the channel, also one that is added later."""
    return [m for m in apps.get_app_config("burden").get_models() if m.__name__.startswith(PREFIX)]


def models_hold_no_time(tables: Iterable[type[models.Model]] | None = None) -> Iterator[Deviation]:
    """No field of the models names a moment, an order, a sender's device or a person."""
    for model in tables if tables is not None else channel_models():
        if model._meta.ordering:
            yield Deviation(f"模型 {model.__name__} 有默认排序。", TO_DEVELOPER)
        for field in model._meta.get_fields():
            if model.__name__ == RECIPIENT and isinstance(field, models.ForeignKey):
                continue
            if reason := _unfit(field):
                yield Deviation(f"模型 {model.__name__} 的字段 {field.name} {reason}。", TO_DEVELOPER)


def _unfit(field: object) -> str:
    if isinstance(field, FORBIDDEN):
        return "会记下时间、次序或来处"
    if isinstance(field, models.DateField) and field.name != MONTH:
        return "记到了某一天，只能记到月"
    if isinstance(field, models.ForeignKey):
        target = field.related_model._meta.model_name
        return "指向了人或组织" if target in PEOPLE else ""
    return ""


def schema_holds_no_time(tables: Iterable[type[models.Model]] | None = None) -> Iterator[Deviation]:
    """What really stands in the database, whatever the models say."""
    look = _postgres if connection.vendor == "postgresql" else _sqlite
    for model in tables if tables is not None else channel_models():
        table = model._meta.db_table
        planned = {str(field.column) for field in model._meta.concrete_fields}
        columns = dict(look(table))
        for column in sorted(columns.keys() - planned):
            yield Deviation(f"表 {table} 多出一列 {column}。", "请数据库管理员删除这一列。")
        for column in sorted(planned - columns.keys()):
            yield Deviation(f"表 {table} 缺少列 {column}。", "请运行 manage.py migrate。")
        for column, trouble in columns.items():
            if trouble and column != MONTH:
                yield Deviation(f"表 {table} 的列 {column} {trouble}。", "请恢复成程序建表时的样子。")
        yield from _triggers(table)


def _postgres(table: str) -> Iterator[tuple[str, str]]:
    """Each column with what is wrong about it, "" when nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, coalesce(column_default, ''), is_identity "
            "FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s",
            [table],
        )
        for name, kind, default, identity in cursor.fetchall():
            yield name, _trouble(kind, counts=identity == "YES" or "nextval" in default, default=default)


def _trouble(kind: str, *, counts: bool, default: str) -> str:
    if counts:
        return "会自动编号"
    if kind == "date" or kind.startswith(POSTGRES_TYPES):
        return f"的类型是 {kind}，会记下时间或来处"
    return "的默认值取自时钟" if "now()" in default or "current" in default.lower() else ""


def _sqlite(table: str) -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, type, dflt_value, pk FROM pragma_table_info(%s)", [table])
        for name, kind, default, key in cursor.fetchall():
            counts = bool(key) and kind.lower() == "integer"  # an alias of the row number
            yield (
                name,
                _trouble(kind.lower().replace("datetime", "timestamp"), counts=counts, default=default or ""),
            )


def _triggers(table: str) -> Iterator[Deviation]:
    """Something that runs at each write could note the time elsewhere."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        for (name,) in cursor.fetchall():
            yield Deviation(f"表 {table} 上有触发器 {name}。", "请数据库管理员删除这个触发器。")
