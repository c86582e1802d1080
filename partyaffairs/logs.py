"""What the log must not keep: keys in links, and any visit to the anonymous channel."""

import logging
import re

from burden.box.silence import SPEAKERS, inside, is_below, names_it

_LINK = re.compile(r"(?<=/calendar/)[^\s\"']+")


class KeysLeftOut(logging.Filter):
    """A calendar link is a key: whatever goes wrong on its way, the line that says so does not open it."""

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        if "/calendar/" in words:
            record.msg, record.args = _LINK.sub("…", words), ()
        return True


class BoxLeftOut(logging.Filter):
    """Drops what is said while the channel answers, about a request to it, or with its address in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return not (inside() or (isinstance(path, str) and is_below(path)) or names_it(record.getMessage()))


def leave_visits_out() -> None:
    """Put the filter where lines begin, so that no handler, ours or an added one, is given them.

    A logger's filter is asked only for what is said to that logger itself, so each speaker has it, and
    the handlers there are (among them Django's e-mail to the administrators) have it for the rest.
    """
    for name in SPEAKERS:
        speaker = logging.getLogger(name)
        for place in (speaker, *speaker.handlers):
            if not any(isinstance(one, BoxLeftOut) for one in place.filters):
                place.addFilter(BoxLeftOut())
