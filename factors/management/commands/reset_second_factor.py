"""Take the second factor off an account when nobody who may do so can sign in: run by the machine's owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from branches.rules import Refusal
from factors.actions import LONGEST_REASON, reset


class Command(BaseCommand):
    help = "Take the second factor off one account; the next sign-in needs the password alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="kept in the audit log and told to the person")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=User.normalize_username(options["username"])).first()
        reason = options["reason"].strip()
        if user is None:
            raise CommandError("没有这个登录名。")
        if not 0 < len(reason) <= LONGEST_REASON:
            raise CommandError(f"请写明事由，最长 {LONGEST_REASON} 个字。")
        try:
            reset(user, by=None, reason=reason, on=timezone.localdate(), at=timezone.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"“{user.name}”的动态码验证已重置，所有设备上的登录已退出。")
