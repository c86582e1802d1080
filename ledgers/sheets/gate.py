"""The gate before any parsing: content type by content, and the zip directory. Nothing is unpacked."""

import zipfile
from io import BytesIO

from ledgers.sheets.cells import WorkbookRefused
from ledgers.sheets.limits import DEFAULT, SheetLimits


def check_workbook(content: bytes, name: str, *, limits: SheetLimits = DEFAULT) -> None:
    """Raise WorkbookRefused unless `content` is an .xlsx small enough to be read; `name` is the file's."""
    if not content or not zipfile.is_zipfile(BytesIO(content)) or len(content) > limits.file_bytes:
        raise WorkbookRefused("not_xlsx", f"“{name}”不是可以读取的 .xlsx 文件，请另存为 .xlsx 后再上传。")
