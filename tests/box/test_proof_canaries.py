"""Nothing that anybody wrote or was given stands in any file, dump or mail: a search with positive control.

A portal of its own is asked by 50 people who write a letter and by 50 whose letter is refused, and crashes 20
times in the middle; nights, a release and the opening of the desk follow. Then every file it wrote is
searched. The same search must find each of six deliberate leaks.
"""

import base64
import binascii
import gzip
import json
import quopri
import re
import sqlite3
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from django.db import connection

from tests.box.canaries import Search, files_with
from tests.box.installation import FORM, Installation, Site, on_sqlite, serving
from tests.box.proof_wsgi import DEADLY, LEAKS, SEAMS
from tests.services import current_database_url, service_url

WORDS = ("鹓鶵衔烛", "Zq7Canary4Vx")
LETTER = f"每月重复填表，{WORDS[0]}，报送三次 {WORDS[1]}。"
MONDAY, TUESDAY, NEXT_MONDAY = "2026-11-23", "2026-11-24", "2026-11-30"
NEXT_TUESDAY, LAST_MONDAY = "2026-12-01", "2026-12-07"
AT_ONCE = 25  # a week has 40 places
Dumps = Callable[[], dict[str, bytes]]


class Writer:
    """Somebody at the pages: knows today's form token, and every receipt that was shown."""

    def __init__(self, site: Site) -> None:
        self.site = site
        _, page = site.ask("GET", "/box/")
        self.token = _hidden(page, "door")
        self.receipts: list[str] = []

    def fields(self, **changed: str) -> dict[str, str]:
        typed = {"category": "multi_form_filling", "level": "own", "text": LETTER, "step": "send"}
        return {"door": self.token, **typed, **changed}

    def writes(self, number: int) -> int:
        """All the way, as people go: check, send, copy the receipt; some look it up and withdraw."""
        text = f"{LETTER}{number}"
        _, page = self.site.send("/box/", self.fields(text=text, step="check"))
        status, page = self.site.send("/box/", self.fields(text=text, once=_hidden(page, "once")))
        receipt = _hidden(page, "receipt")
        self.receipts.append(receipt)
        typed = {"door": self.token, "receipt": receipt, "typed": receipt.lower()}
        self.site.send("/box/", {**typed, "step": "copied"})
        if number % 5 == 0:
            self.site.send("/box/receipt/", {**typed, "step": "look"})
        if number % 10 == 0:
            self.site.send("/box/receipt/", {**typed, "step": "withdraw"})
        return status

    def crashes(self, seam: str) -> int:
        step = "check" if seam in {"check", "people", "places"} else "send"
        return self.site.send("/box/", self.fields(step=step), X_Crash=seam)[0]

    def leaks(self, leak: str, word: str) -> int:
        return self.site.send("/box/", self.fields(text=word), X_Leak=leak)[0]

    def refused(self) -> list[int]:
        """Everything the door or the form refuses, once; with the words wherever there is room for them."""
        send, ask, fields = self.site.send, self.site.ask, self.fields
        latin = LETTER.encode().decode("latin-1")
        body = f'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n{LETTER}\r\n--b--\r\n'
        answers = [
            send("/box/", fields(text=LETTER * 80)),
            send("/box/", fields(category=LETTER)),
            send("/box/", fields(level=LETTER)),
            send("/box/", fields(text="", category=LETTER)),
            send("/box/", fields(door=WORDS[1])),
            send("/box/", fields(), Origin="http://evil.example"),
            send("/box/", fields(), Sec_Fetch_Site="cross-site"),
            send("/box/", fields(text=LETTER * 5000)),
            send("/box/", {**fields(), **{f"{WORDS[1]}{n}": "1" for n in range(3000)}}),
            send("/box/", fields(), Content_Type=f"{FORM}; charset=gbk"),
            send(f"/box/{WORDS[1]}/", fields()),
            send("/box/wall/", fields()),
            send("/box/receipt/", {"door": self.token, "receipt": LETTER}),
            send("/box/receipt/", {"door": self.token, "receipt": f"{self.receipts[0]}X"}),
            ask("POST", "/box/", body.encode(), Content_Type="multipart/form-data; boundary=b"),
            ask("PUT", "/box/", LETTER.encode(), User_Agent=WORDS[1]),
            ask("GET", f"/box/%ff{WORDS[1]}", Cookie=f"sessionid={WORDS[1]}", User_Agent=latin),
            ask("POST", "/box/", LETTER.encode(), Content_Length="9", Content_Type=FORM, Referer=WORDS[1]),
        ]
        return [status for status, _ in answers]


def _hidden(page: str, name: str) -> str:
    return str(re.findall(rf'name="{name}" value="([^"]*)"', page)[0])


def live(installation: Installation, writer: Writer) -> None:
    """50 letters over two weeks, 50 refusals and 20 crashes between them; then nights and a release."""
    assert [writer.writes(number) for number in range(AT_ONCE)] == [200] * AT_ONCE
    refused = [status for _ in range(3) for status in writer.refused()]
    assert len(refused) == 54
    assert {status for status in refused if status < 400} <= {0}
    installation.run("tests.box.nights", "run", MONDAY, TUESDAY, NEXT_MONDAY)
    crashed = {seam: writer.crashes(seam) for seam in SEAMS}
    assert crashed == {seam: 0 if seam in DEADLY else 500 for seam in SEAMS}
    # The last crashes end the process: another one answers.
    assert [writer.writes(number) for number in range(AT_ONCE)] == [200] * AT_ONCE
    installation.run("tests.box.nights", "run", NEXT_TUESDAY, LAST_MONDAY)


def search_everything(installation: Installation, dumps: Dumps, *words: str) -> Iterator[str]:
    search = Search(words)
    yield from files_with(search, installation.folder)
    yield from (name for name, content in dumps().items() if search.found_in(content))


def prove(installation: Installation, dumps: Dumps) -> None:
    installation.run("tests.box.nights", "recipients")
    with serving(installation, "tests.box.proof_wsgi:made()") as site:
        writer = Writer(site)
        live(installation, writer)
        # The letters did arrive: their recipient reads them.
        letters = json.loads(installation.run("tests.box.nights", "open", WORDS[0]).splitlines()[-1])
        assert letters >= 2 * AT_ONCE - 6
        # The collector does hear of other pages.
        site.ask("GET", "/nowhere/")
        assert "Not Found: /nowhere/" in (installation.folder / "collector.log").read_text()
        receipts = writer.receipts[::10]
        plain = [receipt.replace("-", "") for receipt in receipts]
        everything = (*WORDS, *receipts, *plain)
        assert list(search_everything(installation, dumps, *everything)) == []
        for leak in LEAKS:
            word = f"漏出来的{leak}字样"
            assert writer.leaks(leak, word) == 200
            assert any(search_everything(installation, dumps, word)), leak


def _sqlite_dump(installation: Installation) -> dict[str, bytes]:
    with closing(sqlite3.connect(installation.folder / "portal.sqlite3")) as database:
        return {".dump": "\n".join(database.iterdump()).encode()}


@pytest.mark.django_db
def test_no_word_of_a_letter_stands_anywhere_and_every_leak_is_found(
    kept_databases: Path, tmp_path: Path
) -> None:
    installation = on_sqlite(tmp_path, kept_databases)
    prove(installation, lambda: _sqlite_dump(installation))


class Services:
    """What PostgreSQL and Redis keep: dumps, the write-ahead log since now, and Redis as it saves itself."""

    def __init__(self) -> None:
        self.redis = redis.Redis.from_url(service_url("TEST_REDIS_URL"))
        self.redis.config_set("rdbcompression", "no")
        self.folder = Path(self._asked("SHOW data_directory"))
        self.start = self._asked("SELECT pg_walfile_name(pg_current_wal_lsn())")

    def dumps(self) -> dict[str, bytes]:
        dump = subprocess.run(["pg_dump", current_database_url()], capture_output=True, check=True)
        self.redis.save()
        saved = Path(str(self._config("dir"))) / self._config("dbfilename")
        return {"pg_dump": dump.stdout, "dump.rdb": saved.read_bytes(), **self._write_ahead()}

    def _write_ahead(self) -> dict[str, bytes]:
        now = self._asked("SELECT pg_walfile_name(pg_current_wal_lsn())")
        files = sorted((self.folder / "pg_wal").iterdir())
        return {one.name: one.read_bytes() for one in files if self.start <= one.name <= now}

    def _asked(self, question: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return str(cursor.fetchone()[0])

    def _config(self, name: str) -> str:
        return str(self.redis.config_get(name)[name])


@pytest.fixture
def services(transactional_db: None) -> Iterator[Services]:
    made = Services()
    made.redis.flushdb()
    yield made
    made.redis.config_set("rdbcompression", "yes")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS leak")


@pytest.mark.postgres
@pytest.mark.redis
def test_postgres_and_redis_keep_no_word_either(services: Services, tmp_path: Path) -> None:
    installation = Installation(tmp_path, current_database_url(), service_url("TEST_REDIS_URL"))
    prove(installation, services.dumps)


@pytest.mark.parametrize("written", ["utf-8", "gb18030", "utf-16", "utf-16-be"])
def test_the_search_finds_each_spelling(written: str) -> None:
    search = Search(["鹓鶵衔烛"])
    assert search.found_in("前面的字鹓鶵衔烛后面".encode(written))
    assert not search.found_in("前面的字鹓鶵后面衔烛".encode(written))


PACKED = "前面的字鹓鶵衔烛后面 and enough around it to be packed at all".encode()


@pytest.mark.parametrize(
    "pack",
    [
        binascii.hexlify,
        base64.b64encode,
        base64.encodebytes,
        base64.urlsafe_b64encode,
        zlib.compress,
        gzip.compress,
        quopri.encodestring,
        lambda plain: quote(plain).encode(),
        lambda plain: json.dumps(plain.decode()).encode(),
        lambda plain: base64.b64encode(json.dumps({"args": [plain.decode()]}).encode()),
        lambda plain: base64.urlsafe_b64encode(zlib.compress(plain)).rstrip(b"="),
    ],
)
@pytest.mark.parametrize("before", range(3))
def test_the_search_sees_through_what_packs(pack: Callable[[bytes], bytes], before: int) -> None:
    search = Search(["鹓鶵衔烛"])
    assert search.found_in(b"x" * before + pack(b"x" * before + PACKED) + b"\n")
    assert not search.found_in(pack(b"x" * before + PACKED[15:]))
