"""Chromium of the distribution, driven against the live server; nothing is downloaded."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.harness import Guard

# The driver keeps an event loop in this thread, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "small": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "tablet": {"viewport": {"width": 768, "height": 1024}, "has_touch": True},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}


class OpenPage(Protocol):
    """Open a page in a context of its own: no cookies, nothing of another page or test.

    `expected` names beginnings of console errors that the journey provokes on purpose.
    """

    def __call__(
        self, size: str = ..., *, dark: bool = ..., javascript: bool = ..., expected: tuple[str, ...] = ...
    ) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM:
        pytest.fail("No Chromium: install the package chromium, or name a binary in CHROMIUM.")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGS}


@dataclass(frozen=True)
class Look:
    """What a context cannot change later."""

    size: str
    dark: bool
    javascript: bool


class Contexts:
    """Contexts that are used again: without cookies and pages, but with the style sheets they know.

    A fresh context costs more than most journeys in it. The page that stays open keeps its window.
    """

    def __init__(self, browser: Browser, base_url: str) -> None:
        self.browser = browser
        self.base_url = base_url
        self._free: dict[Look, list[BrowserContext]] = {}

    def take(self, look: Look) -> BrowserContext:
        free = self._free.get(look)
        return free.pop() if free else self._made(look)

    def give_back(self, look: Look, context: BrowserContext) -> None:
        for page in context.pages[1:]:
            page.close()
        context.clear_cookies()
        self._free.setdefault(look, []).append(context)

    def _made(self, look: Look) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.base_url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if look.dark else "light",
            java_script_enabled=look.javascript,
            **SIZES[look.size],
        )
        context.set_default_timeout(10_000)
        context.new_page()
        return context


@pytest.fixture(scope="session")
def contexts(browser: Browser, live_server: LiveServer) -> Contexts:
    return Contexts(browser, live_server.url)


@pytest.fixture
def open_page(contexts: Contexts, live_server: LiveServer) -> Iterator[OpenPage]:
    taken: list[tuple[Look, BrowserContext, Guard]] = []

    def open_(
        size: str = "desktop", *, dark: bool = False, javascript: bool = True, expected: tuple[str, ...] = ()
    ) -> Page:
        look = Look(size, dark, javascript)
        context = contexts.take(look)
        taken.append((look, context, Guard(context, live_server.url, expected)))
        return context.new_page()

    yield open_
    troubles = []
    for look, context, guard in taken:
        contexts.give_back(look, context)
        troubles += guard.end()
    assert troubles == []


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    return open_page("phone")


@pytest.fixture
def desktop(open_page: OpenPage) -> Page:
    return open_page("desktop")
