"""What this app keeps sealed: notes of the desk, the counts of the year, and the ballots of a survey.

How many notes there are nobody may hear: it is nearly the number of letters.
"""

from branches.sealed_columns import SealedColumn, SealedRows
from burden.box import figures, marks
from burden.box.ballots import Ballots, ballot_box
from burden.models import BoxMark, BoxTally, SurveyRound

MARKS = SealedRows(
    "box_marks", "受理标记", "", BoxMark, (SealedColumn("sealed", marks.PURPOSE),), counted=False
)
TALLIES = SealedRows(
    "box_tallies", "直通车年度计数", "", BoxTally, (SealedColumn("sealed", figures.PURPOSE),), counted=False
)

ROWS = (MARKS, TALLIES)


def seal_files_anew() -> None:
    """The ballots; what is left of a round that is over is not worth a key. Raises SealRefused."""
    with ballot_box() as box:
        if SurveyRound.objects.open().exists():
            box.seal_anew()
        elif box.file.exists():
            box.write(Ballots())


def reason_to_keep() -> str:
    """Codes stand as digests that cannot be made anew."""
    if SurveyRound.objects.open().exists():
        return "有一轮减负问卷正在进行，没用过的问卷码要靠旧密钥核对。请等这一轮结束再取出旧密钥。"
    return ""
