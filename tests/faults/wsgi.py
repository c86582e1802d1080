"""The portal as gunicorn serves it; settings know by pytest that static files need no manifest."""

import pytest  # noqa: F401 - see above

from partyaffairs.wsgi import application

__all__ = ["application"]
