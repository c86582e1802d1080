"""The self-check: each check is green here and was seen red."""

import gzip
import json
import logging
import os
import sys
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from django.apps.registry import Apps
from django.conf import settings as portal
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone
from nacl.public import PrivateKey

from accounts.models import User
from burden.box.actions import tick
from burden.box.limits import Level
from burden.box.selfcheck import keeping, postgres, proxy, web
from burden.box.selfcheck import models as tables
from burden.box.selfcheck.report import Deviation, result_of
from burden.box.spool import Spool
from partyaffairs.logs import BoxLeftOut
from tests.box.channel import MONDAY
from tests.box.recipients import add_recipients

NGINX = (portal.BASE_DIR / "deploy/nginx.conf").read_text("utf-8")
GUNICORN = (portal.BASE_DIR / "deploy/gunicorn.conf.py").read_text("utf-8")


def whats(found: Iterable[Deviation]) -> list[str]:
    return [deviation.what for deviation in found]


# --- the way of a request ----------------------------------------------------------------------------


def test_the_door_must_be_first(settings: Any) -> None:
    assert whats(web.door_is_first()) == []
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[1:], settings.MIDDLEWARE[0]]
    assert whats(web.door_is_first()) == ["匿名直通车的入口程序不在 MIDDLEWARE 第一位。"]


@pytest.mark.urls("tests.box.urls")
def test_each_page_must_come_through_the_door() -> None:
    assert whats(web.pages_are_quiet()) == ["页面 /box/forgotten/ 没有经过匿名入口。"]


def test_the_real_pages_come_through_the_door() -> None:
    assert whats(web.pages_are_quiet()) == []


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("DEBUG", True, "调试方式（DEBUG）开着。"),
        ("DEBUG_PROPAGATE_EXCEPTIONS", True, "DEBUG_PROPAGATE_EXCEPTIONS 开着，出错时内容会外传。"),
        (
            "SESSION_COOKIE_PATH",
            "/",
            "SESSION_COOKIE_PATH 不是 /w/，浏览器会带着登录信息打开匿名页面。",
        ),
        ("CSRF_COOKIE_PATH", "/", "CSRF_COOKIE_PATH 不是 /w/，浏览器会带着登录信息打开匿名页面。"),
    ],
)
def test_settings_must_be_safe(name: str, value: object, what: str, settings: Any) -> None:
    assert whats(web.settings_are_safe()) == []
    setattr(settings, name, value)
    assert whats(web.settings_are_safe()) == [what]


def test_no_collector_of_errors_may_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", ModuleType("sentry_sdk"))
    assert whats(web.settings_are_safe()) == ["装有错误收集程序 sentry_sdk，它能看到每个请求。"]


def test_every_speaker_must_be_filtered() -> None:
    assert whats(web.log_lines_are_left_out()) == []
    speaker = logging.getLogger("gunicorn.error")
    (own,) = [one for one in speaker.filters if isinstance(one, BoxLeftOut)]
    speaker.removeFilter(own)
    try:
        assert whats(web.log_lines_are_left_out()) == ["日志“gunicorn.error”会记下匿名页面的访问。"]
    finally:
        speaker.addFilter(own)


def test_every_handler_of_the_root_must_be_filtered(tmp_path: Path) -> None:
    loud = logging.FileHandler(tmp_path / "x.log", delay=True)
    logging.getLogger().addHandler(loud)
    try:
        assert whats(web.log_lines_are_left_out()) == ["日志去向 FileHandler 会记下匿名页面的访问。"]
    finally:
        logging.getLogger().removeHandler(loud)


# --- servers in front -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("access_log off;", "access_log /var/log/nginx/access.log;", "会写访问日志。"),
        ("access_log off;", "", "会写访问日志。"),
        ("location ^~ /box {", "location /other {", "没有 /box/ 的单独设置。"),
        *[(line, "", f"的 /box/ 一段缺少：{line}") for line in proxy.WANTED],
    ],
)
def test_the_proxy_must_keep_nothing(old: str, new: str, what: str, tmp_path: Path) -> None:
    assert whats(proxy.nginx_keeps_nothing()) == []
    file = tmp_path / "nginx.conf"
    head, place, box = NGINX.partition("location ^~ /box {")
    in_box = old in proxy.WANTED
    file.write_text(head + place + box.replace(old, new) if in_box else NGINX.replace(old, new), "utf-8")
    assert whats(proxy.nginx_keeps_nothing(file)) == [f"{file} {what}"]


@pytest.mark.parametrize("line", proxy.SAID)
def test_the_web_server_must_keep_nothing(line: str, tmp_path: Path) -> None:
    assert whats(proxy.gunicorn_keeps_nothing()) == []
    file = tmp_path / "gunicorn.conf.py"
    file.write_text(GUNICORN.replace(line, ""), "utf-8")
    assert whats(proxy.gunicorn_keeps_nothing(file)) == [f"{file} 缺少：{line}"]


def test_no_argument_may_open_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--access-logfile -")
    assert whats(proxy.gunicorn_keeps_nothing()) == ["环境变量 GUNICORN_CMD_ARGS 打开了日志。"]


def test_log_files_are_read(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path / "var"
    other = tmp_path / "nginx"
    for folder in (settings.VAR_DIR / "log", other):
        folder.mkdir(parents=True)
    (settings.VAR_DIR / "log/web.log").write_text("GET /w/burden/box/\nNot Found: /toolbox/\n")
    (settings.VAR_DIR / "letters.txt").write_text("GET /box/\n")
    assert whats(proxy.logs_hold_no_visit(other)) == []
    (settings.VAR_DIR / "log/web.log.1").write_text("x\nNot Found: /box/x\nPOST http://h/box/ 200\n")
    with gzip.open(other / "access.log.2.gz", "wt") as packed:
        packed.write('10.1.1.1 "POST /box/ HTTP/1.1" 200\n')
    assert whats(proxy.logs_hold_no_visit(other)) == [
        f"日志文件 {settings.VAR_DIR}/log/web.log.1 有 2 行提到匿名页面。",
        f"日志文件 {other}/access.log.2.gz 有 1 行提到匿名页面。",
    ]


# --- tables -----------------------------------------------------------------------------------------------


ALONE = Apps()  # no other test finds these models among the portal's own


class Timed(models.Model):
    id = models.BigAutoField(primary_key=True)
    came = models.DateTimeField()
    day = models.DateField()
    month = models.DateField()
    who = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        app_label = "burden"
        apps = ALONE
        managed = False
        ordering = ["came"]


class Plain(models.Model):
    key = models.CharField(primary_key=True, max_length=10)
    month = models.DateField()

    class Meta:
        app_label = "burden"
        apps = ALONE
        managed = False


def test_models_must_hold_no_time() -> None:
    assert whats(tables.models_hold_no_time([Plain])) == []
    assert whats(tables.models_hold_no_time([Timed])) == [
        "模型 Timed 有默认排序。",
        "模型 Timed 的字段 id 会记下时间、次序或来处。",
        "模型 Timed 的字段 came 会记下时间、次序或来处。",
        "模型 Timed 的字段 day 记到了某一天，只能记到月。",
        "模型 Timed 的字段 who 指向了人或组织。",
    ]


def schema_found(create: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(create)
        try:
            return whats(tables.schema_holds_no_time([Plain]))
        finally:
            cursor.execute("DROP TABLE burden_plain")


@pytest.mark.django_db
def test_the_tables_of_sqlite_are_looked_at() -> None:
    assert schema_found('CREATE TABLE burden_plain ("key" varchar(10) PRIMARY KEY, month date)') == []
    assert schema_found("CREATE TABLE burden_plain (month date, came datetime, n integer PRIMARY KEY)") == [
        "表 burden_plain 多出一列 came。",
        "表 burden_plain 多出一列 n。",
        "表 burden_plain 缺少列 key。",
        "表 burden_plain 的列 came 的类型是 timestamp，会记下时间或来处。",
        "表 burden_plain 的列 n 会自动编号。",
    ]


@pytest.mark.django_db
def test_a_trigger_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute('CREATE TABLE burden_plain ("key" varchar(10) PRIMARY KEY, month date)')
        cursor.execute("CREATE TRIGGER spy AFTER INSERT ON burden_plain BEGIN SELECT 1; END")
        assert whats(tables.schema_holds_no_time([Plain])) == ["表 burden_plain 上有触发器 spy。"]
        cursor.execute("DROP TABLE burden_plain")


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_tables_of_postgresql_are_looked_at() -> None:
    assert schema_found("CREATE TABLE burden_plain (key varchar(10) PRIMARY KEY, month date)") == []
    assert schema_found(
        "CREATE TABLE burden_plain (key varchar(10) DEFAULT now()::text, month date, n serial, a inet)"
    ) == [
        "表 burden_plain 多出一列 a。",
        "表 burden_plain 多出一列 n。",
        "表 burden_plain 的列 key 的默认值取自时钟。",
        "表 burden_plain 的列 n 会自动编号。",
        "表 burden_plain 的列 a 的类型是 inet，会记下时间或来处。",
    ]


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_database_server_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "WANTED", {"log_statement": "none"})
    assert whats(postgres.postgres_keeps_nothing()) == []
    with connection.cursor() as cursor:
        cursor.execute("SET log_statement = 'all'")
    assert whats(postgres.postgres_keeps_nothing()) == ["PostgreSQL 的 log_statement 是“all”，应是“none”。"]


def test_the_containers_start_the_server_as_it_is_asked_for() -> None:
    compose = yaml.safe_load((portal.BASE_DIR / "docker-compose.yml").read_text("utf-8"))
    _, *arguments = compose["services"]["postgres"]["command"]
    assert dict(one.removeprefix("-c").split("=", 1) for one in arguments) == postgres.WANTED


# --- where letters wait, and who opens them ---------------------------------------------------------------


def test_files_must_be_closed(tmp_path: Path) -> None:
    place = tmp_path / "box"
    assert whats(keeping.files_are_closed(place)) == [f"还没有 {place}。"]
    Spool(place).beat()
    assert whats(keeping.files_are_closed(place)) == []
    (place / "spool").chmod(0o644)
    (place / "lock").chmod(0o660)
    os.utime(place / "key")
    place.chmod(0o755)
    assert whats(keeping.files_are_closed(place)) == [
        f"{place} 的权限是 755，应是 700。",
        f"{place}/key 的修改时间会说明何时有人来过。",
        f"{place}/lock 的权限是 660，应是 600。",
        f"{place}/spool 的权限是 644，应是 600。",
    ]


def test_files_belong_to_the_portals_own_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Spool(tmp_path / "box").beat()
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    found = whats(keeping.files_are_closed(tmp_path / "box"))
    assert found[0] == f"{tmp_path}/box 属于另一个系统用户。"
    assert len(found) == 4


def spoil(file: Path) -> None:
    """One bit of it turned, its time as before."""
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    os.utime(file, (0, 0))


def test_files_must_open(folder: Path, recipients: list[PrivateKey]) -> None:
    assert whats(keeping.files_open()) == []
    tick(MONDAY)
    assert whats(keeping.files_open()) == []
    for name, what in (("spool", "现在收不了意见"), ("keys", "来信不再送达")):
        whole = (folder / name).read_bytes()
        spoil(folder / name)
        assert whats(keeping.files_open()) == [f"{folder}/{name} 打不开，{what}。"]
        (folder / name).write_bytes(whole)
    (folder / "keys").unlink()
    assert whats(keeping.files_open()) == [f"{folder}/keys 和数据库不是同一份，来信不再送达。"]


def test_letters_must_move_on(recipients: list[PrivateKey]) -> None:
    assert whats(keeping.letters_move_on(on=MONDAY)) == ["每天的整理还没有做过。"]
    tick(MONDAY)
    quiet = [MONDAY - timedelta(days=1), MONDAY, MONDAY + timedelta(days=2)]
    assert [whats(keeping.letters_move_on(on=day)) for day in quiet] == [[], [], []]
    stopped = whats(keeping.letters_move_on(on=MONDAY + timedelta(weeks=3)))
    assert stopped == ["每天的整理停了 21 天，来信没有往前送。"]
    ahead = whats(keeping.letters_move_on(on=MONDAY - timedelta(days=2)))
    told = "系统记着 2026-11-23 已经整理过，比今天还晚，到那天以前不再整理。电脑的日期可能走快过。"
    assert ahead == [told]


@pytest.mark.django_db
def test_a_channel_nobody_opens_need_not_move() -> None:
    assert whats(keeping.letters_move_on(on=MONDAY)) == []


@pytest.mark.django_db
def test_a_level_has_two_recipients_or_none() -> None:
    assert whats(keeping.levels_have_recipients()) == ["还没有受理人，现在不收意见。"]
    add_recipients(Level.OWN, Level.OWN, Level.SUPERIOR)
    assert whats(keeping.levels_have_recipients()) == ["上级只有 1 位受理人，这一级现在不收意见。"]
    add_recipients(Level.SUPERIOR)
    assert whats(keeping.levels_have_recipients()) == []


# --- the command --------------------------------------------------------------------------------------------


def test_a_check_that_breaks_has_not_passed() -> None:
    def broken() -> list[Deviation]:
        raise OSError("no such file")

    result = result_of("x", "某项", broken)
    assert (result.passed, result.deviations[0].what) == (False, "这一项没有查成：no such file")


def checked(*arguments: str) -> tuple[int, str]:
    """How the command ended and what it said."""
    said = StringIO()
    try:
        call_command("box_selfcheck", *arguments, stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


@pytest.mark.django_db
def test_the_command_says_what_deviates_and_ends_with_one(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    Spool(tmp_path / "box").beat()
    add_recipients(Level.OWN, Level.OWN)
    tick(timezone.localdate())
    code, said = checked()
    assert (code, said.splitlines()[-1]) == (0, "共 14 项，全部通过。")
    (tmp_path / "web.log").write_text("Not Found: /box/\n")
    code, said = checked()
    assert code == 1
    assert said.splitlines()[-1] == "共 14 项，1 项有出入。"
    assert f"日志文件 {tmp_path}/web.log 有 1 行提到匿名页面。请找出是哪个程序写的" in said


@pytest.mark.django_db
def test_the_command_speaks_to_programs(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path / "var"
    logs = tmp_path / "nginx"
    logs.mkdir()
    (logs / "access.log").write_text('"GET /box/ HTTP/2.0" 200\n')
    proxy_file = tmp_path / "nginx.conf"
    proxy_file.write_text(NGINX.replace("access_log off;", ""))
    code, said = checked("--json", "--nginx", str(proxy_file), "--logs", str(logs))
    found = {result["code"]: result for result in json.loads(said)}
    assert code == 1
    assert [name for name, result in found.items() if not result["passed"]] == [
        "nginx",
        "logs",
        "files",
        "recipients",
    ]
    assert found["logs"]["deviations"][0]["what"] == f"日志文件 {logs}/access.log 有 1 行提到匿名页面。"
