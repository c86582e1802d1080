"""Sessions that know whose they are: the engine of settings.SESSION_ENGINE, and its table.

Django's own table has no column for the account, so nobody could be shown the own sessions. The column is
written with the row itself, whenever Django saves a session: no page costs a statement more. A session
is ended by deleting its row, and its next request finds none.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class OwnSession(AbstractBaseSession):
    """One session; `user` is empty before the sign-in. The key is the cookie itself: never show it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", null=True, verbose_name="账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "登录状态"

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[OwnSession]:
        return OwnSession

    def create_model_instance(self, data: dict[str, Any]) -> OwnSession:
        row = cast(OwnSession, super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        return row
