"""Set up an empty installation: organisations, branches and the first account, whose slip is printed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from branches.actions.installation import Started, setup_code, start_organisation
from branches.rules import Refusal


class Command(BaseCommand):
    help = "Set up the first organisation, its branches and the first staff account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--committee", metavar="NAME", help="the superior committee, where there is one")
        parser.add_argument("--general-branch", metavar="NAME", default="")
        parser.add_argument("--staff", metavar="USERNAME", default="")
        parser.add_argument("--staff-name", metavar="NAME", default="")
        parser.add_argument("--branch", metavar="NAME", action="append", default=[], dest="branches")
        parser.add_argument("--code", action="store_true", help="print the setup code of the start page")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["code"]:
            self.stdout.write(setup_code())
            return
        try:
            started = start_organisation(
                committee_name=options["committee"],
                general_branch_name=options["general_branch"],
                staff_username=options["staff"],
                staff_name=options["staff_name"],
                branches=options["branches"],
                on=timezone.localdate(),
                by=None,
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(_slip(started))


def _slip(started: Started) -> str:
    user = started.slip.user
    return "\n".join(
        [
            f"已建立“{started.general_branch.name}”和 {len(started.branches)} 个党支部。",
            f"姓名：{user.name}",
            f"登录名：{user.username}",
            f"初始密码：{started.slip.password}（首次登录后须修改，只显示这一次）",
        ]
    )
