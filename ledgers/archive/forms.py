"""What is asked before a year is archived."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms

from accounts.models import User
from jobs.models import Job
from ledgers.archive.actions import ArchiveRefusedError, request_archive
from ledgers.archive.plan import places_for

YEARS = 10
WHOLE, EACH = "whole", "each"
HALF_A_YEAR = timedelta(days=183)


class ArchiveForm(forms.Form):
    organisation = forms.ChoiceField(
        label="组织",
        error_messages={
            "required": "请选择组织。",
            "invalid_choice": "这个组织不在您的查看范围内，请重新选择。",
        },
    )
    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        error_messages={"required": "请选择年度。", "invalid_choice": "请从列表中选择年度。"},
    )
    layout = forms.ChoiceField(
        label="怎样装订",
        choices=[(WHOLE, "合成一套"), (EACH, "合成一套，另给下属每个党支部各装一个文件夹")],
        initial=WHOLE,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择怎样装订。", "invalid_choice": "请选择怎样装订。"},
    )

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data)
        self.user, self.on = user, on
        places = cast(forms.ChoiceField, self.fields["organisation"])
        places.choices = list(places_for(user, on=on).items())
        if len(self.places) < 2:
            # A branch has nothing below it: there is nothing to choose.
            self.fields["layout"].widget = forms.HiddenInput()
        years = cast(forms.ChoiceField, self.fields["year"])
        years.choices = [(year, f"{year} 年") for year in range(on.year, on.year - YEARS, -1)]
        # In the first half of a year the one before is closed, then the current one.
        self.fields["year"].initial = (on - HALF_A_YEAR).year

    @property
    def places(self) -> list[tuple[str, str]]:
        return cast(list[tuple[str, str]], cast(forms.ChoiceField, self.fields["organisation"]).choices)

    def save(self) -> Job | None:
        """The job, or None with the reason beside the field."""
        asked = self.cleaned_data
        try:
            return request_archive(
                asked["organisation"],
                asked["year"],
                each=asked["layout"] == EACH,
                by=self.user,
                on=self.on,
            )
        except ArchiveRefusedError as refusal:
            self.add_error("organisation", str(refusal))
            return None
