"""Where letters wait, and who can open them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from burden.box.files import ASIDE
from burden.box.limits import LEAST_RECIPIENTS, Level
from burden.box.selfcheck.report import Deviation
from burden.models import BoxRecipient

FOLDER_MODE, FILE_MODE = 0o700, 0o600


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
