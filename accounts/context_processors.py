"""How this device wants the pages: light or dark, normal or large."""

from dataclasses import dataclass

from django.db import models
from django.http import HttpRequest

THEME_COOKIE = "portal_theme"
LARGE_COOKIE = "portal_large"


class Theme(models.TextChoices):
    AUTO = "auto", "跟随设备"
    LIGHT = "light", "浅色"
    DARK = "dark", "深色"


@dataclass(frozen=True)
class Display:
    theme: str
    large: bool


def display_of(request: HttpRequest) -> Display:
    """Read from cookies with Path=/w/; public pages never see them and follow the device."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    known = theme if theme in Theme.values else Theme.AUTO.value
    return Display(theme=known, large=request.COOKIES.get(LARGE_COOKIE) == "1")


def display(request: HttpRequest) -> dict[str, Display]:
    return {"display": display_of(request)}
