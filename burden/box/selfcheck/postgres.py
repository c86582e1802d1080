"""The database server: it writes down no statement, no value and no time of its own."""

from collections.abc import Iterator

from django.db import connection

from burden.box.selfcheck.report import Deviation

# Also the arguments of the server in docker-compose.yml; a test compares the two.
WANTED = {
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_connections": "off",
    "log_disconnections": "off",
    "track_commit_timestamp": "off",
    "shared_preload_libraries": "",
}


def postgres_keeps_nothing() -> Iterator[Deviation]:
    """Nothing to ask on SQLite: it has no log."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name, wanted in WANTED.items():
            cursor.execute(f"SHOW {name}")
            found = cursor.fetchone()[0]
            if found != wanted:
                yield Deviation(
                    f"PostgreSQL 的 {name} 是“{found}”，应是“{wanted}”。",
                    f"请在数据库服务器上执行：ALTER SYSTEM SET {name} = '{wanted}'; 然后重新启动数据库。",
                )
