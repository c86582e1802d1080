"""The gate before any parsing: what the file is, and what its zip directory promises. Nothing is unpacked."""

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO
from zipfile import ZipInfo

from ledgers.sheets.cells import WorkbookRefused
from ledgers.sheets.formats import check_first_bytes, check_parts, refusal
from ledgers.sheets.limits import DEFAULT, MEGABYTE, SheetLimits

EXTENSION = ".xlsx"
AFRESH = "请新建一个空白工作簿，把需要的表格复制过去（选择性粘贴为数值），保存为 .xlsx 后再上传"
_LOCK = "~$"
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LONGEST_COMMENT = 65_535
_LOCAL_HEADER = 30  # bytes before the name of an entry
_ENCRYPTED = 0x1
_READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_NESTED = re.compile(
    r"\.(zip|rar|7z|gz|tgz|bz2|xz|jar|exe|dll|xls|xlsx|xlsm|xlsb|docx?|docm|pptx?|pptm|ods)$"
)
_OUTSIDE = re.compile(r"(^|/)\.\.(/|$)|^/|\\|^[a-z]:|\x00")


def check_workbook(content: bytes, name: str, *, limits: SheetLimits = DEFAULT) -> None:
    """Raise WorkbookRefused unless `content` is an .xlsx small enough to be read.

    `name` is the file's name; it decides nothing but a mismatch with the content is said.
    """
    if name.startswith(_LOCK):
        raise WorkbookRefused(
            "lock", f"“{_LOCK}”开头的是打开表格时产生的临时文件。请关闭 Excel 或 WPS，再选原来的文件上传。"
        )
    if not content:
        raise WorkbookRefused(
            "empty", "文件是空的（0 字节），可能没有保存好或没有传完。请打开原文件看一看，保存后再上传。"
        )
    if len(content) > limits.file_bytes:
        raise WorkbookRefused("too_large", _too_large(len(content), limits))
    check_first_bytes(content)
    check_parts(set(check_package(content, limits=limits)))
    if not name.lower().endswith(EXTENSION):
        raise WorkbookRefused(
            "extension",
            "文件的内容是 Excel 工作簿，文件名却不是以 .xlsx 结尾。请核对是不是选错了文件，改好后再上传。",
        )


def check_package(content: bytes, *, limits: SheetLimits = DEFAULT) -> list[str]:
    """The names of the parts of an Office file, in lower case, after its zip directory was looked at.

    Raises WorkbookRefused for what is broken, unpacks to too much or carries macros, links or other files.
    """
    entries = _entries(content, limits)
    _check_names(entries)
    _check_sizes(entries, limits)
    return [entry.filename.lower() for entry in entries]


def _too_large(size: int, limits: SheetLimits) -> str:
    most = limits.file_bytes // MEGABYTE
    return (
        f"文件有 {size / MEGABYTE:.1f} MB，超过 {most} MB 的上限。"
        "请删去图片和用不到的工作表，或分成几个文件上传。"
    )


def _broken() -> WorkbookRefused:
    return WorkbookRefused(
        "truncated",
        "文件不完整，可能没有传完或没有保存好。请在 Excel 或 WPS 中打开，能打开的话重新保存，再上传。",
    )


def _strange(code: str, what: str) -> WorkbookRefused:
    return WorkbookRefused(code, f"{what}，不像正常的表格。{AFRESH}。")


def _entries(content: bytes, limits: SheetLimits) -> list[ZipInfo]:
    """The zip directory, after its own record has said that it is of a sane size."""
    size, count = _promised(content)
    if size > limits.directory_bytes or count > limits.entries:
        raise _strange("entries", f"文件内部有超过 {limits.entries} 个部分")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            start = archive.start_dir
    # zipfile says NotImplementedError of a version of the format that it does not read.
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as problem:
        raise _broken() from problem
    if len(entries) > limits.entries:
        raise _strange("entries", f"文件内部有超过 {limits.entries} 个部分")
    _check_overlaps(entries, start)
    return entries


def _promised(content: bytes) -> tuple[int, int]:
    """Size in bytes and number of entries of the directory, as the record at the end of the file tells."""
    at = content.rfind(_END, max(0, len(content) - _LONGEST_COMMENT - 22))
    if at < 0 or at + 22 > len(content):
        raise _broken()
    size, count = int.from_bytes(content[at + 12 : at + 16], "little"), content[at + 10 : at + 12]
    large = content.rfind(_END_64, max(0, at - 76), at)
    if large >= 0:
        size = int.from_bytes(content[large + 40 : large + 48], "little")
        count = content[large + 32 : large + 40]
    return size, int.from_bytes(count, "little")


def _check_overlaps(entries: Sequence[ZipInfo], start: int) -> None:
    """Refuse entries that share bytes: that is how a small file unpacks to terabytes."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [entry.header_offset for entry in ordered[1:]] + [start]
    for entry, end in zip(ordered, ends, strict=False):
        if entry.header_offset + _LOCAL_HEADER + entry.compress_size > end:
            raise _strange("overlap", "文件内部有互相重叠的部分")


def _check_names(entries: Sequence[ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names):
        raise _strange("duplicates", "文件内部有重名的部分")
    if any(_OUTSIDE.search(name) for name in names):
        raise _strange("outside", "文件内部有指向别处的路径")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise WorkbookRefused(
            "macros", "文件里有宏，不能导入。请另存为“Excel 工作簿（.xlsx）”（不带宏）后再上传。"
        )
    if any(name.startswith("xl/externallinks/") for name in names):
        raise WorkbookRefused(
            "links", "文件引用了别的工作簿。请在“数据 → 编辑链接”里断开链接（公式会变成数值），保存后再上传。"
        )
    if any(name.startswith("xl/embeddings/") or _NESTED.search(name) for name in names):
        raise WorkbookRefused("nested", "文件里嵌着别的文件。请删去嵌入的附件，保存后再上传。")


def _check_sizes(entries: Sequence[ZipInfo], limits: SheetLimits) -> None:
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise refusal("encrypted")
    if any(entry.compress_type not in _READABLE for entry in entries):
        raise _strange("method", "文件用了少见的压缩方式")
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        most = limits.unpacked_bytes // MEGABYTE
        raise _strange("unpacked", f"文件解开后超过 {most} MB")
    if any(_ratio(entry) > limits.ratio for entry in entries if entry.file_size > MEGABYTE):
        raise _strange("ratio", f"文件内部有压缩比超过 {limits.ratio} 倍的部分")


def _ratio(entry: ZipInfo) -> float:
    return entry.file_size / max(1, entry.compress_size)
