"""Chinese full text the same way on every database: normalised text that is looked into word by word.

Chinese has no blanks between words, and index dictionaries differ from database to database; a bank of some
hundred entries is read whole in a millisecond.
"""

import unicodedata
from collections.abc import Iterable

LONGEST_QUESTION = 60
MOST_WORDS = 6


def normalised(texts: Iterable[str]) -> str:
    """One string to look into: full-width letters and digits as narrow ones, no capitals, single blanks."""
    joined = " ".join(text for text in texts if text)
    return " ".join(unicodedata.normalize("NFKC", joined).lower().split())


def words_of(question: str) -> list[str]:
    """The words somebody typed, each of which must be found; at most MOST_WORDS."""
    return list(dict.fromkeys(normalised([question[:LONGEST_QUESTION]]).split()))[:MOST_WORDS]
