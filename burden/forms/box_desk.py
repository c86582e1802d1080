"""The letters of one opening, each with its reply, in one form of a page; nothing is kept between pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict

from branches.rules import Refusal
from burden.actions.box_replies import AnsweredMeanwhile, hand_on, reply
from burden.box.desk import SHOWN, Desk, Sheet, sheet_of
from burden.box.files import BoxUnusable
from burden.box.limits import REPLY_LIMIT, Outcome, categories
from burden.box.phrases import phrase_choices
from burden.box.quotes import shared_runs
from burden.box.words import normalise
from burden.forms.box_keys import BoxClosed
from burden.models import BoxRecipient
from burden.queries.box_measures import measure_choices

NUMBER = "sheets"
REPLIED, HANDED = "replied", "handed"
WORDS_LIMIT = 300
QUOTED = "“{0}”和来信一样，熟人可能认出是谁写的。请换个说法；确实不怕，就在下面勾选。"


class SheetForm(forms.Form):
    """One letter. Left empty, the letter waits for another day."""

    token = forms.CharField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="办理结果", required=False, widget=forms.RadioSelect, choices=Outcome.choices
    )
    phrase = forms.ChoiceField(label="常用答复", required=False)
    text = forms.CharField(
        label="补充几句",
        required=False,
        max_length=REPLY_LIMIT - 100,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="只有写信人凭查询号能看到。",
    )
    words = forms.CharField(
        label="公开答复",
        required=False,
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="贴到公开墙，人人能看。用您自己的话写，不照抄来信。不公开就不填。",
    )
    measure = forms.ChoiceField(
        label="促成的减负措施", required=False, help_text="随公开答复一起公布。没有就不选。"
    )
    quoted = forms.BooleanField(label="我看过了，这些字可以公开", required=False)
    hand = forms.BooleanField(label="这封信和我有关，交另一位受理人", required=False)

    def __init__(
        self, data: Any = None, *, sheet: Sheet, measures: Sequence[tuple[str, str]], prefix: str
    ) -> None:
        super().__init__(data, prefix=prefix, initial={"token": sheet.token})
        self.sheet = sheet
        self.saved = ""
        self.warned = False
        self._offer("phrase", [("", "不用常用答复"), *phrase_choices()])
        self._offer("measure", [("", "没有"), *measures])

    def _offer(self, name: str, choices: Sequence[Any]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    @property
    def category(self) -> str:
        return categories().get(self.sheet.category, "其他")

    @property
    def pending(self) -> str:
        return Outcome(self.sheet.pending).label if self.sheet.pending else ""

    @property
    def shows_quoted(self) -> bool:
        return "quoted" in self.errors or self.warned

    def is_filled(self) -> bool:
        """Whether the recipient decided anything about this letter."""
        names = ("outcome", "phrase", "text", "words", "measure", "hand")
        return any(self.data.get(self.add_prefix(name), "").strip() for name in names)

    def clean_text(self) -> str:
        return normalise(self.cleaned_data["text"])

    def clean_words(self) -> str:
        return normalise(self.cleaned_data["words"]).replace("\n", " ")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("hand"):
            return data
        if not data.get("outcome"):
            self.add_error("outcome", "请选择办理结果。")
        if not (data.get("phrase") or data.get("text")):
            self.add_error("text", "请选一句常用答复，或者写几句。")
        if data.get("measure") and not data.get("words"):
            self.add_error("words", "选了措施，请写一句公开答复；不公开就不选措施。")
        runs = shared_runs(self.sheet.text, data.get("words", ""))
        self.warned = bool(runs)
        if runs and not data.get("quoted"):
            self.add_error("words", QUOTED.format("”“".join(runs[:3])))
        return data

    def save(self) -> None:
        """Raises Refusal."""
        data = self.cleaned_data
        if data["hand"]:
            hand_on(self.sheet)
            self.saved = HANDED
            return
        said = "\n".join(part for part in (data["phrase"], data["text"]) if part)
        measure = int(data["measure"]) if data["measure"] else None
        outcome, words = Outcome(data["outcome"]), data["words"]
        try:
            self.sheet = reply(self.sheet, outcome=outcome, text=said, words=words, measure=measure)
        except AnsweredMeanwhile as meanwhile:
            self._take_up(meanwhile.sheet)
            raise
        self.saved = REPLIED

    def _take_up(self, sheet: Sheet) -> None:
        """Show what was typed again, now as an answer to what the other one decided."""
        self.sheet = sheet
        self.data = {**dict(self.data.items()), self.add_prefix("token"): sheet.token}


class DeskForms:
    """All letters of a page. What comes back is read from the page itself, never from a store."""

    def __init__(self, sheets: list[SheetForm], *, number: int) -> None:
        self.sheets = sheets
        # How many the page began with: their field names stay the same to the end.
        self.number = number

    @property
    def answered(self) -> int:
        """How many have a reply already, which the next release publishes."""
        return sum(bool(form.pending) for form in self.sheets)

    @property
    def unanswered(self) -> int:
        return len(self.sheets) - self.answered

    @classmethod
    def of(cls, desk: Desk) -> "DeskForms":
        measures = measure_choices()
        made = [
            SheetForm(sheet=sheet, measures=measures, prefix=f"s{n}") for n, sheet in enumerate(desk.sheets)
        ]
        return cls(made, number=len(made))

    @classmethod
    def read(cls, data: QueryDict, *, recipient: BoxRecipient, on: date) -> "DeskForms":
        """Raises StaleSheet."""
        said, measures = data.get(NUMBER, ""), measure_choices()
        number = min(int(said), SHOWN) if said.isascii() and said.isdecimal() and len(said) < 4 else 0
        made = []
        for prefix in (f"s{n}" for n in range(number)):
            if token := data.get(f"{prefix}-token", ""):
                sheet = sheet_of(token, recipient=recipient, on=on)
                made.append(SheetForm(data, sheet=sheet, measures=measures, prefix=prefix))
        return cls(made, number=number)

    def save(self) -> tuple[int, int]:
        """Keep what is filled in and right; returns how many were kept and how many have errors."""
        filled = [form for form in self.sheets if form.is_filled()]
        for form in filled:
            if form.is_valid():
                _try(form)
        kept = sum(bool(form.saved) for form in filled)
        return kept, len(filled) - kept

    def remaining(self) -> "DeskForms":
        """What stays on the page: untouched letters, those with errors, and answered ones once more."""
        measures = measure_choices()
        left = [_again(form, measures) for form in self.sheets if form.saved != HANDED]
        return DeskForms(left, number=self.number)


def _again(form: SheetForm, measures: Sequence[tuple[str, str]]) -> SheetForm:
    if form.is_filled() and not form.saved:
        return form
    return SheetForm(sheet=form.sheet, measures=measures, prefix=str(form.prefix))


def _try(form: SheetForm) -> None:
    try:
        form.save()
    except BoxUnusable:
        form.add_error(None, str(BoxClosed()))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
