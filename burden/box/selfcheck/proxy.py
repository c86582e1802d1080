"""The servers in front: the proxy's and the web server's settings, and the log files they may have left."""

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from burden.box.selfcheck.report import Deviation
from burden.box.silence import PREFIX, names_it

NGINX = "deploy/nginx.conf"
GUNICORN = "deploy/gunicorn.conf.py"
PLACE = "location ^~ /box {"
WANTED = (
    "error_log /dev/null crit;",
    "client_max_body_size 256k;",
    "client_body_buffer_size 256k;",
    "proxy_max_temp_file_size 0;",
    'proxy_set_header X-Forwarded-For "";',
    'proxy_set_header Cookie "";',
    'proxy_set_header Authorization "";',
    'proxy_set_header User-Agent "";',
    'proxy_set_header Accept-Language "";',
)
# The last: a process that dies must not leave its memory, with a letter in it, in a file.
SAID = ("accesslog = None", 'loglevel = "error"', "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))")
LOUD = re.compile(r"--(?:access-logfile|access-logformat|log-level|logger-class|log-config)\b")
LOG_NAME = re.compile(r"\.log(?:[.-].*)?$|access|error_log", re.IGNORECASE)


def nginx_keeps_nothing(path: Path | None = None) -> Iterator[Deviation]:
    file = path or settings.BASE_DIR / NGINX
    text = re.sub(r"#.*", "", file.read_text("utf-8"))
    loud = [target for target in re.findall(r"access_log\s+([^;]+);", text) if target.strip() != "off"]
    if loud or "access_log" not in text:
        yield Deviation(f"{file} 会写访问日志。", "请只保留一行 access_log off;，放在 http 一层。")
    if PLACE not in text:
        yield Deviation(f"{file} 没有 {PREFIX} 的单独设置。", f"请从 {NGINX} 抄来“{PLACE}”那一段。")
        return
    place = " ".join(text.partition(PLACE)[2].partition("}")[0].split())
    for line in WANTED:
        if line not in place:
            yield Deviation(f"{file} 的 {PREFIX} 一段缺少：{line}", f"请从 {NGINX} 抄来这一行，再重新加载。")


def gunicorn_keeps_nothing(path: Path | None = None) -> Iterator[Deviation]:
    file = path or settings.BASE_DIR / GUNICORN
    text = file.read_text("utf-8")
    for line in SAID:
        if not re.search(rf"^{re.escape(line)}", text, re.MULTILINE):
            yield Deviation(f"{file} 缺少：{line}", "请改回来，再重新启动。")
    if LOUD.search(os.environ.get("GUNICORN_CMD_ARGS", "")):
        yield Deviation("环境变量 GUNICORN_CMD_ARGS 打开了日志。", "请去掉其中关于日志的参数。")


def logs_hold_no_visit(*folders: Path) -> Iterator[Deviation]:
    """Read every log file below VAR_DIR and the folders named besides, packed ones too."""
    for folder in (Path(settings.VAR_DIR), *folders):
        for file in sorted(folder.rglob("*")):
            if LOG_NAME.search(file.name) and file.is_file() and (lines := _visits_in(file)):
                yield Deviation(
                    f"日志文件 {file} 有 {lines} 行提到匿名页面。",
                    "请找出是哪个程序写的，关掉它的访问日志，再彻底删除这个文件和它的备份。",
                )


def _visits_in(file: Path) -> int:
    open_ = gzip.open if file.suffix == ".gz" else open
    with open_(file, "rt", errors="replace") as lines:
        return sum(names_it(line) for line in lines)
