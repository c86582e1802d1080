"""Plans of joint branches as the page of carrying out finds them."""

from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from branches.models import JointPlan
from branches.rules.joint import Filing

CARRY_OUT = "reminders.carry_out_joint"


def plans_for(user: User, *, on: date) -> QuerySet[JointPlan]:
    return JointPlan.objects.permitted_to(user, CARRY_OUT, on=on).select_related("organisation")


def first_day(plan: JointPlan) -> date | None:
    """The day of the reply: nothing may be carried out before it."""
    return plan.steps.filter(number=Filing.REPLY).values_list("done_on", flat=True).first()
