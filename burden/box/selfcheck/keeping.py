"""Where letters wait, whether they move on, and who can open them."""

import os
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from burden.box.actions import last_tick
from burden.box.batch import held_now
from burden.box.files import ASIDE, BoxBroken, BoxBusy, held
from burden.box.limits import LEAST_RECIPIENTS, Level
from burden.box.selfcheck.report import Deviation
from burden.box.shred import NAME as KEYS
from burden.box.shred import Keys, Shred
from burden.box.spool import NAME as SPOOL
from burden.box.spool import HeldSpool
from burden.models import BoxRecipient

FOLDER_MODE, FILE_MODE = 0o700, 0o600
BRING_BACK = "请按 docs/box.md 讲备份的一节，一起取回同一晚的 key、keys 和 spool；不要删除打不开的文件。"
LATE = timedelta(days=2)


def files_are_closed(folder: Path | None = None) -> Iterator[Deviation]:
    """The folder and its files belong to the portal's user alone and carry one and the same time."""
    place = folder or Path(settings.VAR_DIR) / "box"
    if not place.exists():
        yield Deviation(f"还没有 {place}。", "请启动 worker 和 beat，它们每分钟会整理一次。")
        return
    for path, wanted in ((place, FOLDER_MODE), *((file, FILE_MODE) for file in sorted(place.iterdir()))):
        yield from _troubles(path, wanted)


def _troubles(path: Path, wanted: int) -> Iterator[Deviation]:
    found = path.stat()
    if stat.S_IMODE(found.st_mode) != wanted:
        mode = f"{stat.S_IMODE(found.st_mode):o}"
        yield Deviation(f"{path} 的权限是 {mode}，应是 {wanted:o}。", f"请执行：chmod {wanted:o} {path}")
    if found.st_uid != os.getuid():
        yield Deviation(f"{path} 属于另一个系统用户。", "请用运行网页服务的用户检查，或把它改回该用户。")
    if ASIDE in path.name:
        yield Deviation(f"{path} 是一份打不开的旧文件。", "请按 docs/box.md 处理。")
    elif path.is_file() and path.stat().st_size and found.st_mtime != 0:
        yield Deviation(f"{path} 的修改时间会说明何时有人来过。", f"请执行：touch -d @0 {path}")


def files_open(folder: Path | None = None) -> Iterator[Deviation]:
    """What waits can be read, and the keys are those of this database. Nothing there yet: nothing to open."""
    place = folder or Path(settings.VAR_DIR) / "box"
    if not place.exists():
        return
    try:
        with held(place):
            yield from _closed_for_good(place)
    except BoxBusy:
        yield Deviation(f"{place} 一直被别的程序占用。", "请过几分钟再查；还是这样，请重新启动 worker。")


def _closed_for_good(place: Path) -> Iterator[Deviation]:
    try:
        HeldSpool(place).read()
    except BoxBroken:
        yield Deviation(f"{place / SPOOL} 打不开，现在收不了意见。", BRING_BACK)
    try:
        keys = Shred(place).read() or Keys()
    except BoxBroken:
        yield Deviation(f"{place / KEYS} 打不开，来信不再送达。", BRING_BACK)
        return
    try:
        held_now(keys)
    except BoxBroken:
        yield Deviation(f"{place / KEYS} 和数据库不是同一份，来信不再送达。", BRING_BACK)


def letters_move_on(*, on: date) -> Iterator[Deviation]:
    """The daily tick was done lately, and not on a day that is still to come."""
    last = last_tick()
    if last is None:
        if BoxRecipient.objects.active().exists():
            yield Deviation("每天的整理还没有做过。", "请启动 worker 和 beat，几分钟后再查。")
    elif last > on + timedelta(days=1):
        yield Deviation(
            f"系统记着 {last:%Y-%m-%d} 已经整理过，比今天还晚，到那天以前不再整理。电脑的日期可能走快过。",
            "请先核对电脑的日期；日期没错，请运行：manage.py box_forget_future",
        )
    elif on - last > LATE:
        yield Deviation(
            f"每天的整理停了 {(on - last).days} 天，来信没有往前送。",
            "请启动 worker 和 beat，会自动补做；还是不动，请先处理“等候区的文件打得开”里的出入。",
        )


def levels_have_recipients() -> Iterator[Deviation]:
    """Whoever opens letters is never alone; no level at all means that nothing is taken, and said so."""
    held = list(BoxRecipient.objects.active().values_list("level", flat=True))
    for level in Level:
        if 0 < (number := held.count(level)) < LEAST_RECIPIENTS:
            yield Deviation(
                f"{level.label}只有 {number} 位受理人，这一级现在不收意见。",
                f"请再设一位受理人，本人在受理页面生成钥匙；至少要 {LEAST_RECIPIENTS} 位。",
            )
    if not held:
        yield Deviation("还没有受理人，现在不收意见。", f"请先设 {LEAST_RECIPIENTS} 位受理人，各自生成钥匙。")
