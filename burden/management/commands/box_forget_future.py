"""manage.py box_forget_future: the clock was ahead and is right again; let letters move on."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from burden.box.actions import forget_future


class Command(BaseCommand):
    help = "电脑的日期走快过、现在已经改对时用：忘掉记在今天以后的整理，匿名来信接着往前送。"

    def handle(self, **options: Any) -> None:
        today = timezone.localdate()
        number = forget_future(on=today)
        self.stdout.write(
            f"今天是 {today:%Y-%m-%d}。已忘掉 {number} 次记在今天以后的整理，几分钟内会接着整理。"
            if number
            else f"今天是 {today:%Y-%m-%d}。没有记在今天以后的整理，不用处理。"
        )
