"""In which widths and themes a page is looked at.

The narrow page in the dark and the wide one by day show what width and theme can break; every width in every
theme is the long run's.
"""

from collections.abc import Sequence

import pytest

SIZES = ("phone", "desktop")
ALWAYS = (("phone", True), ("desktop", False))


def every_look(sizes: Sequence[str] = SIZES) -> pytest.MarkDecorator:
    """Hand `size` and `dark` to a test."""
    looks = [
        pytest.param(
            size,
            dark,
            id=f"{'dark' if dark else 'light'}-{size}",
            marks=[] if (size, dark) in ALWAYS else [pytest.mark.full],
        )
        for size in sizes
        for dark in (False, True)
    ]
    return pytest.mark.parametrize(("size", "dark"), looks)


EVERY_LOOK = every_look()
