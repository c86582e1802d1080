"""The fixed phrases of replies, by outcome."""

from functools import cache
from pathlib import Path

import yaml

from burden.box.limits import Outcome

PHRASES_FILE = Path(__file__).resolve().parent.parent / "data" / "box_phrases.yaml"


@cache
def phrases() -> dict[Outcome, tuple[str, ...]]:
    """Outcome → its phrases, in the order of the file."""
    known = yaml.safe_load(PHRASES_FILE.read_text("utf-8"))["phrases"]
    return {Outcome(outcome): tuple(words) for outcome, words in known.items()}


def phrase_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: one group an outcome; the value is the phrase itself."""
    return [(outcome.label, [(words, words) for words in said]) for outcome, said in phrases().items()]
