"""How the portal talks to the queue of messages. Imports nothing of Django: settings.py reads it."""

from pathlib import Path
from typing import Any

# Seconds. A page sends a message while somebody waits; a queue that is down, or that answers no more, may
# keep them so long and no longer. What was not sent stands in a row and is sent later (jobs.tasks).
# Longer than the second a worker waits for the next message.
PATIENCE = 3
PUBLISH_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}


def transport_options(url: str, folder: Path) -> dict[str, Any]:
    """folder: where messages wait as files, without a server."""
    if url.startswith("filesystem:"):
        return {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "processed_folder": str(folder / "processed"),
            "control_folder": str(folder / "control"),
            "store_processed": False,
        }
    return {
        # More than twice the hard limit, or Redis hands a running task to a second worker.
        "visibility_timeout": 3600,
        "unacked_restore_throttle": 10,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "socket_keepalive": True,
    }
