"""Text of a spreadsheet made fit for a database, a heading or a name. Pure."""

import re

# No database takes them and no form shows them: controls, half surrogate pairs, non-characters.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# Seen by nobody and still different: zero-width, bidi and interlinear marks, variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def decoded(text: str) -> str:
    """Resolve Excel's _xHHHH_ spelling and drop what cannot be stored; line ends become one kind."""
    if "_x" in text:
        text = _CODED.sub(lambda match: chr(int(match[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")  # joins split pairs
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def storable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def one_line(text: str) -> str:
    """Drop what cannot be stored or seen; every run of blanks and line ends becomes one blank."""
    return " ".join(_INVISIBLE.sub("", _UNWRITABLE.sub("", text.replace("\r", "\n"))).split())
