"""The web server's settings, the same at a desk and in production.

Threads, because browsers open connections ahead of need: one without a request stops a sync
worker for a minute and a thread for five seconds, so at a desk there are many threads. Behind the
proxy, which connects only with a request in hand, a few do.
"""

import gc
import os
import resource
from typing import Any

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "3"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "16"))
preload_app = True  # one import for all; an import error ends the server with its traceback
max_requests = 5000  # a slow leak never grows old
max_requests_jitter = 500
timeout = 60
graceful_timeout = 5
keepalive = 5
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - the heartbeat must not wait for a disk
loglevel = "error"  # a warning about a malformed request names its sender
accesslog = None  # the anonymous channel promises that no visit is written down
control_socket_disable = True
# Said although they are the defaults: behind a proxy these decide whether both read the same request.
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
header_map = "drop"  # X_Forwarded_Proto never poses as X-Forwarded-Proto
strip_header_spaces = False
permit_obsolete_folding = False
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a process that dies leaves no letter in a file


def when_ready(server: Any) -> None:
    """What is loaded once and stays is looked through no more, and shared by all workers.

    Every full collection else walks through all modules, and by touching them copies them into each worker.
    Between two collections stand 20,000 new objects instead of 700: a page makes that many, and drops them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
