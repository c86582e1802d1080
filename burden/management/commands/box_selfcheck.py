"""manage.py box_selfcheck: does this installation keep what the anonymous channel promises?"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from burden.box.selfcheck.report import Result
from burden.box.selfcheck.run import run_all


class Command(BaseCommand):
    help = "检查匿名直通车的承诺是否做到；有出入时说明怎么办，并以 1 结束。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument(
            "--nginx", type=Path, help="正在使用的 nginx 设置文件，默认检查 deploy/nginx.conf"
        )
        parser.add_argument("--logs", type=Path, nargs="*", default=[], help="另外要查的日志文件夹")

    def handle(self, **options: Any) -> None:
        results = run_all(on=timezone.localdate(), nginx=options["nginx"], logs=options["logs"])
        if options["json"]:
            self.stdout.write(
                json.dumps([result.as_dict() for result in results], ensure_ascii=False, indent=2)
            )
        else:
            self._say(results)
        if not all(result.passed for result in results):
            sys.exit(1)

    def _say(self, results: list[Result]) -> None:
        for result in results:
            self.stdout.write(f"{'通过' if result.passed else '有出入'}　{result.label}")
            for deviation in result.deviations:
                self.stdout.write(f"　　{deviation.what}{deviation.todo}")
        failed = sum(not result.passed for result in results)
        self.stdout.write(
            f"共 {len(results)} 项，{failed} 项有出入。" if failed else f"共 {len(results)} 项，全部通过。"
        )
