"""Forms that change what is there: they notice when somebody else changed it meanwhile."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.db import transaction
from django.http import QueryDict

from accounts.models import User
from branches.forms.base import ActionForm

OPENED = "opened_with"


def digest_of(values: Mapping[str, Any]) -> str:
    """One short digest for each field, so that the changed ones can be told from the others."""
    return " ".join(f"{name}:{_digest(value)}" for name, value in values.items())


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]


class EditForm(ActionForm):
    """Carries a digest of the values it was opened with.

    When the values under the row lock differ from it, nothing is saved: what the other person wrote
    is shown beside what was typed, and sending the form once more saves over it.
    """

    opened_with = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1000)

    def __init__(self, data: Any = None, **options: Any) -> None:
        current = self.current_values(lock=False)
        super().__init__(data, initial={**current, OPENED: digest_of(current)}, **options)

    def current_values(self, *, lock: bool) -> dict[str, Any]:
        """Each form's own: its values as they are now; with `lock`, the row is held until the end."""
        raise NotImplementedError

    def act_on(self, values: dict[str, Any], *, by: User | None, on: date) -> Any:
        """Call the action with the clean values, the digest taken out."""
        raise NotImplementedError

    def act(self, *, by: User | None, on: date) -> Any:
        values = {name: value for name, value in self.cleaned_data.items() if name != OPENED}
        return self.act_on(values, by=by, on=on)

    @transaction.atomic
    def save(self, *, by: User | None, on: date) -> bool:
        opened = self.cleaned_data[OPENED]
        current = self.current_values(lock=True)
        if opened and opened != digest_of(current):
            changed = set(digest_of(current).split()) - set(opened.split())
            self._show_theirs(current, {entry.partition(":")[0] for entry in changed})
            return False
        return super().save(by=by, on=on)

    def _show_theirs(self, current: dict[str, Any], changed: set[str]) -> None:
        data = cast(QueryDict, self.data).copy()
        data[OPENED] = digest_of(current)
        self.data = data
        self.add_error(
            None,
            "此页打开后，资料已被他人修改：与您填写的不同之处写在各项下面。"
            "您填写的内容还在，请核对；再次提交将以您填写的为准。",
        )
        for name, value in current.items():
            if name in changed and self.fields[name].has_changed(value, self[name].data):
                self.add_error(name, f"现为“{self._shown(name, value)}”。")

    def _shown(self, name: str, value: Any) -> str:
        rows = getattr(self.fields[name], "queryset", None)
        if rows is not None:
            keys = value if isinstance(value, list) else [value]
            return "、".join(str(row) for row in rows.filter(pk__in=keys).order_by("pk")) or "空"
        if isinstance(value, bool):
            return "是" if value else "否"
        return "空" if value in (None, "") else str(value)
