"""Backups that somebody spoilt or made up, with right sums where a plain mistake would be noticed anyway."""

import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

from backups.archive import writing
from backups.manifest import Facts, Manifest, Member, loaded, read, written
from backups.rules import DATABASE, MANIFEST, SPOOL

Parts = list[tuple[str, bytes]]


def parts_of(file: Path) -> tuple[Manifest, Parts]:
    with zipfile.ZipFile(file) as archive:
        manifest = read(loaded(archive.read(MANIFEST)))
        return manifest, [(one.name, archive.read(one.name)) for one in manifest.members]


def forged(
    file: Path,
    target: Path,
    *,
    parts: Callable[[Parts], Parts] = lambda parts: parts,
    manifest: Callable[[Manifest], Manifest] = lambda manifest: manifest,
    spelled: Callable[[bytes], bytes] = lambda text: text,
    unlisted: Iterable[tuple[str, bytes]] = (),
) -> Path:
    """As `file`, with other parts, then another manifest, sealed with the right key, then other JSON."""
    found, members = parts_of(file)
    with target.open("w+b") as handle, writing(handle) as writer:
        for name, content in parts(members):
            with writer.member(name) as sink:
                sink.write(content)
        changed = manifest(replace(found, members=tuple(writer.members)))
        for name, content in unlisted:
            with writer.member(name) as sink:
                sink.write(content)
        with writer.member(MANIFEST) as sink:
            sink.write(spelled(written(changed)))
    return target


def flipped(file: Path, target: Path, chance: Random) -> Path:
    """One bit differs, anywhere."""
    content = bytearray(file.read_bytes())
    place = chance.randrange(len(content) * 8)
    content[place // 8] ^= 1 << place % 8
    target.write_bytes(content)
    return target


def cut(file: Path, target: Path, chance: Random) -> Path:
    target.write_bytes(file.read_bytes()[: chance.randrange(file.stat().st_size)])
    return target


def _with_facts(manifest: Manifest, **changed: object) -> Manifest:
    return replace(manifest, facts=replace(manifest.facts, **changed))  # type: ignore[arg-type]  # of Facts


def _migrated(manifest: Manifest, more: tuple[str, str]) -> Manifest:
    return _with_facts(manifest, migrations=(*manifest.facts.migrations, more))


def _keyed(manifest: Manifest, **changed: object) -> Manifest:
    return replace(manifest, keys=replace(manifest.keys, **changed))  # type: ignore[arg-type]  # of KeyPrints


def _one_more_listed(manifest: Manifest) -> Manifest:
    return replace(manifest, members=(*manifest.members, Member("media/x", 0, "0")))


def _more_rows(facts: Facts) -> dict[str, int]:
    return {**facts.tables, "accounts_user": facts.tables["accounts_user"] + 1}


def _wrong_sum(manifest: Manifest) -> Manifest:
    first, *others = manifest.members
    return replace(manifest, members=(Member(first.name, first.size, "0" * 64), *others))


def _other_size(manifest: Manifest, by: int) -> Manifest:
    first, *others = manifest.members
    return replace(manifest, members=(Member(first.name, first.size + by, first.sha256), *others))


def _instead(name: str, content: bytes) -> Callable[[Parts], Parts]:
    return lambda parts: [(n, content if n == name else c) for n, c in parts]


BROKEN, NEWER = "不完整或已损坏", "由更新的版本"
NAMES_THAT_LEAD_OUT = (
    "media/../../escaped",
    "media/../escaped",
    "../escaped",
    "/tmp/escaped-backup",  # noqa: S108 - must not be written
    "media//escaped",
    "media/./escaped",
    "media/a\\..\\escaped",
    "media/",
    "media/" + "x" * 300,
    "secret_key",
    "box/key",
    "box/keys",
)


def every_forgery(file: Path, folder: Path, chance: Random, *, tries: int) -> dict[str, tuple[Path, str]]:
    """name → (file, part of the sentence that refuses it)."""
    folder.mkdir()
    made: dict[str, tuple[Path, str]] = {}

    def add(name: str, refusal: str, **how: object) -> None:
        made[name] = forged(file, folder / f"{len(made)}.backup", **how), refusal  # type: ignore[arg-type]  # forged's own

    for n in range(tries):
        made[f"flip {n}"] = flipped(file, folder / f"flip{n}.backup", chance), BROKEN
        made[f"cut {n}"] = cut(file, folder / f"cut{n}.backup", chance), BROKEN
    for n, name in enumerate(NAMES_THAT_LEAD_OUT):
        add(f"slip {n}", BROKEN, parts=lambda parts, name=name: [*parts, (name, b"x")])
    add("newer format", NEWER, manifest=lambda m: replace(m, format=2, portal="9.0"))
    add(
        "newer migration",
        NEWER,
        manifest=lambda m: _with_facts(m, migrations=(*m.facts.migrations, ("jobs", "0999_x"))),
    )
    add(
        "app we do not know",
        NEWER,
        manifest=lambda m: _with_facts(m, migrations=(*m.facts.migrations, ("x", "0001"))),
    )
    add("other engine", "不能互换", manifest=lambda m: replace(m, engine="oracle"))
    add("wrong counts", "不一致", manifest=lambda m: _with_facts(m, tables=_more_rows(m.facts)))
    add("wrong sum", BROKEN, manifest=_wrong_sum)
    add("bomb", BROKEN, manifest=lambda m: _other_size(m, -1))
    add("short", BROKEN, manifest=lambda m: _other_size(m, 1))
    add("not listed", BROKEN, unlisted=[("media/extra", b"x")])
    add("no database", BROKEN, parts=lambda parts: [p for p in parts if p[0] != DATABASE])
    add(
        "listed, not there",
        BROKEN,
        manifest=lambda m: replace(m, members=(*m.members, Member("media/x", 0, "0"))),
    )
    add("no database at all inside", BROKEN, parts=_instead(DATABASE, b"SQLite format 3\x00" + bytes(5000)))
    add("empty database", BROKEN, parts=_instead(DATABASE, b""))
    add("sealed by nobody", BROKEN, spelled=lambda text: text.replace(b'"seal": "', b'"seal": "0'))
    add(
        "other words under the seal",
        BROKEN,
        spelled=lambda text: text.replace(b'"portal": "0', b'"portal": "1'),
    )
    add("manifest no JSON", BROKEN, spelled=lambda text: text[:-1])
    add("manifest a list", BROKEN, spelled=lambda text: b"[]")
    add("manifest empty", BROKEN, spelled=lambda text: b'{"format": 1, "portal": "0.1.0"}')
    add("spool of another night", "同一晚", manifest=lambda m: replace(m, keys=replace(m.keys, box=("00",))))
    add(
        "stranger's personal key",
        "PERSONAL_DATA_KEYS",
        manifest=lambda m: replace(m, keys=replace(m.keys, personal=("00",))),
    )
    add(
        "stranger's secret key",
        "SECRET_KEY",
        manifest=lambda m: replace(m, keys=replace(m.keys, secret="00")),
    )
    empty, words = folder / "empty.backup", folder / "words.backup"
    empty.write_bytes(b"")
    words.write_text("这不是备份" * 100)
    made |= {
        "empty": (empty, BROKEN),
        "words": (words, BROKEN),
        "missing": (folder / "gone", "打不开备份文件"),
    }
    made["folder"] = folder, "打不开备份文件"
    assert SPOOL in {name for name, _ in parts_of(file)[1]}
    return made
