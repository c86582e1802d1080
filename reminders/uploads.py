"""Leaf: which files a study pack takes. Reads the first bytes, never the whole content."""

import zipfile
from pathlib import PurePath
from typing import IO

MAX_BYTES = 20 * 1024 * 1024
# A document of 20 MB has a few hundred parts; more is no document.
MAX_PARTS = 5000
_OFFICE = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_MAGIC = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
ACCEPTED = "pdf、docx、xlsx、pptx、jpg、png"


class FileRefused(ValueError):
    """The file cannot be taken; the message says in Chinese why and what to do."""


def extension_of(name: str) -> str:
    """The extension in lower case without a dot; jpeg is jpg."""
    found = PurePath(name).suffix.lower().removeprefix(".")
    return "jpg" if found == "jpeg" else found


def check_file(name: str, size: int, content: IO[bytes]) -> str:
    """Return the extension when name and content agree. Raises FileRefused. Leaves `content` at its start."""
    extension = extension_of(name)
    if extension not in CONTENT_TYPES:
        raise FileRefused(f"只收 {ACCEPTED} 文件，请换一种格式。")
    if size > MAX_BYTES:
        raise FileRefused("文件超过 20 MB，请压缩后再传，或改放链接。")
    content.seek(0)
    head = content.read(8)
    fits = (
        _is_office(content, _OFFICE[extension])
        if extension in _OFFICE
        else head.startswith(_MAGIC[extension])
    )
    content.seek(0)
    if not fits:
        raise FileRefused(f"文件内容与扩展名 .{extension} 不符，请核对后再传。")
    return extension


def _is_office(content: IO[bytes], folder: str) -> bool:
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    if len(names) > MAX_PARTS or "[Content_Types].xml" not in names:
        return False
    # A macro is code: a renamed .docm has one and is refused.
    macro = any(part.lower().endswith("vbaproject.bin") for part in names)
    return not macro and any(part.startswith(folder) for part in names)
