"""What the log must not keep."""

import logging
import re

_LINK = re.compile(r"(?<=/calendar/)[^\s\"']+")


class KeysLeftOut(logging.Filter):
    """A calendar link is a key: whatever goes wrong on its way, the line that says so does not open it."""

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        if "/calendar/" in words:
            record.msg, record.args = _LINK.sub("…", words), ()
        return True
