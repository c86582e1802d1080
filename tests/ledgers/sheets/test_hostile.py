"""Every hostile or broken file is answered with its own words, within the limits of the child."""

import pytest

from tests.ledgers.sheets.hostile import Hostile
from tests.ledgers.sheets.hostile.formats import FORMATS
from tests.ledgers.sheets.hostile.packages import PACKAGES
from tests.ledgers.sheets.hostile.tables import TABLES
from tests.ledgers.sheets.roster import answer

FILES = (*FORMATS, *PACKAGES, *TABLES)


@pytest.mark.parametrize("hostile", FILES, ids=[hostile.name for hostile in FILES])
def test_the_file_is_answered_in_these_words(hostile: Hostile) -> None:
    assert answer(hostile.build(), hostile.file) == hostile.sentence
