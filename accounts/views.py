"""Signing in and out, one's own account, and the pages for what went wrong."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from axes.attempts import get_cool_off_threshold
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import (
    SignedInRequest,
    begin_session,
    client_address,
    confirm_session,
    safe_next,
)
