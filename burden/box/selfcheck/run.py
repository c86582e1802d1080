"""All checks, in the order in which an administrator reads them."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from burden.box.selfcheck import keeping, models, postgres, proxy, web
from burden.box.selfcheck.report import Check, Result, result_of


def run_all(*, on: date, nginx: Path | None = None, logs: Sequence[Path] = ()) -> list[Result]:
    """`nginx`: the file in use, when it is not the sample; `logs`: folders to search besides VAR_DIR."""
    checks: tuple[tuple[str, str, Check], ...] = (
        ("models", "数据模型不记时间、次序和人", models.models_hold_no_time),
        ("schema", "数据库里的表也不记", models.schema_holds_no_time),
        ("door", "匿名入口排在最前", web.door_is_first),
        ("pages", "匿名页面都经过入口", web.pages_are_quiet),
        ("settings", "系统设置", web.settings_are_safe),
        ("logging", "日志不记匿名页面", web.log_lines_are_left_out),
        ("nginx", "前端代理的设置", partial(proxy.nginx_keeps_nothing, nginx)),
        ("gunicorn", "网页服务的设置", partial(proxy.gunicorn_keeps_nothing, None)),
        ("logs", "已有的日志文件", partial(proxy.logs_hold_no_visit, *logs)),
        ("postgres", "PostgreSQL 的设置", postgres.postgres_keeps_nothing),
        ("files", "等候区的文件", partial(keeping.files_are_closed, None)),
        ("open", "等候区的文件打得开", partial(keeping.files_open, None)),
        ("moving", "来信每天往前送", partial(keeping.letters_move_on, on=on)),
        ("recipients", "受理人", keeping.levels_have_recipients),
    )
    return [result_of(code, label, check) for code, label, check in checks]
