"""Health of one container: `python deploy/health.py web|beat`. Exit 0 when well.

The worker is asked with `celery inspect ping` instead.
"""

import os
import sys
import time
import urllib.request
from pathlib import Path

BEAT_SILENCE = 15 * 60  # seconds; beat writes its timetable down every three minutes


def web_is_well() -> bool:
    """Ask as a visitor would: the host name must be one that the site answers to."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
    request = urllib.request.Request(url, headers={"Host": host})
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
        return bool(answer.status == 200)


def beat_is_well() -> bool:
    written = [path.stat().st_mtime for path in Path(os.environ["VAR_DIR"]).glob("beat*")]
    return bool(written) and time.time() - max(written) < BEAT_SILENCE


if __name__ == "__main__":
    asked = {"web": web_is_well, "beat": beat_is_well}
    sys.exit(0 if asked[sys.argv[1]]() else 1)
