"""Which words of a public answer stand in the letter too: a copied turn of phrase names its writer. Pure."""

import re

LEAST_SHARED = 8
# What does not make two runs different: spaces and punctuation.
_BETWEEN = re.compile(r"[\W_]+")


def shared_runs(letter: str, words: str) -> tuple[str, ...]:
    """Every run of LEAST_SHARED or more characters of `words` that stands in the letter, longest first."""
    held, said = _BETWEEN.sub("", letter), _BETWEEN.sub("", words)
    known = {held[n : n + LEAST_SHARED] for n in range(len(held) - LEAST_SHARED + 1)}
    runs, start = set(), 0
    while start <= len(said) - LEAST_SHARED:
        if said[start : start + LEAST_SHARED] not in known:
            start += 1
            continue
        end = start + LEAST_SHARED
        while end < len(said) and said[start : end + 1] in held:
            end += 1
        runs.add(said[start:end])
        start = end - LEAST_SHARED + 1
    return tuple(sorted(runs, key=lambda run: (-len(run), run)))
