"""Reads and fills one template in a process of its own: orders and file on stdin, result on stdout.

Run as `python -m papers.filling.child`. The first line of stdin is JSON: what to do ("read" or "fill"), the
kind of file, limits, and for filling the values; the file follows. Reading answers {"names": […]}, filling
answers with the file. A refusal is {"refused": "sentence"}, a value that is missing {"missing": […]}.
It knows neither Django nor the database: a hostile file finds nothing here but the limits.
"""

import json
import sys
import zlib
from typing import Any
from zipfile import BadZipFile

from ledgers.processes import limit
from papers.filling.package import BROKEN
from papers.filling.sheet import fill_sheet, sheet_names
from papers.filling.syntax import Filling, TemplateRefused
from papers.filling.word import fill_word, word_names

READ = {"docx": word_names, "xlsx": sheet_names}
FILL = {"docx": fill_word, "xlsx": fill_sheet}


def main() -> None:
    orders = json.loads(sys.stdin.buffer.readline())
    limit(memory=orders["memory"], cpu=orders["seconds"], wall=orders["seconds"] * 2)
    content = sys.stdin.buffer.read()
    try:
        sys.stdout.buffer.write(_done(orders, content))
    except TemplateRefused as refusal:
        sys.stdout.buffer.write(_answer({"refused": str(refusal)}))
    except (BadZipFile, zlib.error, LookupError, ValueError, TypeError, OSError, SyntaxError):
        # Whatever a damaged file can make the libraries raise; lxml's errors are SyntaxErrors.
        sys.stdout.buffer.write(_answer({"refused": BROKEN}))


def _done(orders: dict[str, Any], content: bytes) -> bytes:
    names = READ[orders["kind"]](content)
    if orders["do"] == "read":
        return _answer({"names": list(dict.fromkeys(names))})
    filling = Filling(orders["values"], orders["lists"], frozenset(orders["blank"]))
    if missing := filling.missing(names):
        return _answer({"missing": missing})
    return FILL[orders["kind"]](content, filling)


def _answer(words: dict[str, Any]) -> bytes:
    return json.dumps(words, ensure_ascii=False).encode()


if __name__ == "__main__":
    main()
