"""The web server's settings, the same at a desk and in production.

Sync workers answer three times as many requests as threads do for pages like ours; the proxy
in front keeps slow clients away from them.
"""

import os

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "3"))
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
