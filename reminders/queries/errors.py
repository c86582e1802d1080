"""What the error bank asks for: problems to be mended, on the list of their branch, and rechecks to be made,
on the list of the verifier's organisation. The fixer's list says nothing of a recheck.
"""

from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, Left

from branches.models import Post
from branches.roles import roles_with
from errorbank.models import Finding, FindingStep
from errorbank.rules import RecheckState, StepKind
from reminders.queries.facts import NO_TEXT, Fact, FactRows, fact_rows, text_of

FINDING, RECHECK = "finding", "recheck"
VERIFY = "errorbank.verify_recheck"
# As long as ReminderItem.subject_name.
_NAME_LENGTH, _NOTE_LENGTH = 60, 200
SENT_BACK = "已退回："
RECHECK_NOTE = "整改后的复查：看问题有没有再出现。"


def _findings(on: date) -> FactRows:
    unfixed = Finding.objects.unfixed().filter(found_on__lte=on)
    return fact_rows(
        unfixed,
        subject=text_of(f"{FINDING}:", "pk"),
        name=Left("problem", _NAME_LENGTH),
        anchor=F("deadline_on"),
        note=_sent_back(),
    )


def _sent_back() -> Combinable:
    """Why the result came back, as long as nothing new is submitted."""
    turns = FindingStep.objects.filter(finding=OuterRef("pk"), kind__in=[StepKind.RETURNED, StepKind.EXPIRED])
    words = Case(
        When(kind=StepKind.RETURNED, then=Left(Concat(Value(SENT_BACK), "text"), _NOTE_LENGTH)),
        default=NO_TEXT,
        output_field=CharField(),
    )
    return Coalesce(Subquery(turns.order_by("-pk").values(said=words)[:1]), NO_TEXT)


def _rechecks_of(holder: str) -> Fact:
    """Announced rechecks of verifiers who hold their posts through `holder`; of several posts the highest."""

    def rows(on: date) -> FactRows:
        way = f"{holder}__rechecks"
        held = Post.objects.at(on).filter(role__in=sorted(roles_with(VERIFY)))
        posts: Any = held.annotate(verifier=Coalesce("user", "member__user"))
        higher = Q(organisation__level__lt=OuterRef("organisation__level")) | Q(
            organisation__level=OuterRef("organisation__level"), pk__lt=OuterRef("pk")
        )
        first = posts.filter(~Exists(posts.filter(higher, verifier=OuterRef("verifier"))))
        waiting = {f"{way}__state": RecheckState.WAITING, f"{way}__announced_at__isnull": False}
        return fact_rows(
            first.filter(**waiting),
            subject=text_of(f"{RECHECK}:", f"{way}__pk"),
            name=_name_of(way),
            anchor=F(f"{way}__due_on"),
            note=Value(RECHECK_NOTE),
        )

    return rows


def _name_of(way: str) -> Combinable:
    words = Concat(
        f"{way}__finding__organisation__name",
        Value("："),
        f"{way}__finding__problem",
        output_field=CharField(),
    )
    return Left(words, _NAME_LENGTH)


ERRORS: tuple[Fact, ...] = (_findings, _rechecks_of("user"), _rechecks_of("member__user"))
