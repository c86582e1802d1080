"""What journeys share: the form to sign in, the look at accessibility, the guard over the network."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.factories.accounts import PASSWORD

# What passes is only counted: naming each such node costs more than the whole look.
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
PAGE_KINDS = {"document", "xhr", "fetch"}
SMALLEST_TARGET = 44
# Links inside running text may be as small as the text; everything else is for thumbs.
TARGETS = "button, summary, select, input:not([type=hidden]), .btn, .bar nav > a, .tabs > a, .menu li a"


class Guard:
    """Collects what must not happen: a request that leaves the host, a lost asset, a script error."""

    def __init__(self, context: BrowserContext, base_url: str, expected: tuple[str, ...]) -> None:
        # A refused form is a 422 page, which Chromium reports as a failed load; assets are watched below.
        self.expected = ("Failed to load resource", *expected)
        self.host = urlsplit(base_url).netloc
        self.troubles: list[str] = []
        self.context = context
        self._watched: dict[Any, Callable[[Any], None]] = {
            "request": self._request,
            "response": self._response,
            "console": self._console,
            "weberror": lambda error: self.troubles.append(f"script error: {error.error}"),
        }
        for event, look in self._watched.items():
            context.on(event, look)

    def end(self) -> list[str]:
        """Stop watching and return what was seen."""
        for event, look in self._watched.items():
            self.context.remove_listener(event, look)
        return self.troubles

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self.host:
            self.troubles.append(f"left the host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type not in PAGE_KINDS:
            self.troubles.append(f"lost asset: {response.status} {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(self.expected):
            self.troubles.append(f"console: {message.text}")


def login(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in through the form; the page stands where the form led."""
    page.goto("/w/account/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state()


def assert_accessible(page: Page) -> None:
    """WCAG 2.2 AA without violations, nothing wider than the screen, nothing too small for a thumb."""
    # A click returns once the next page is asked for; there may be nothing to look at yet.
    page.wait_for_load_state()
    found = Axe().run(page, options=AXE)
    problems = [
        f"{problem['id']}: {node['html']} {node.get('failureSummary', '')}"
        for problem in found.response["violations"]
        for node in problem["nodes"]
    ]
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert small_targets(page) == []


def small_targets(page: Page) -> list[str]:
    """Controls lower than 44 px; a check box counts with its label."""
    return page.eval_on_selector_all(  # type: ignore[no-any-return]  # the browser answers JSON
        TARGETS,
        """(nodes, least) => nodes
            .filter(node => node.getClientRects().length)
            .map(node => node.matches('[type=checkbox], [type=radio]') && node.closest('.form-check') || node)
            .filter(node => node.getBoundingClientRect().height < least - 0.5)
            .map(node => node.outerHTML.slice(0, 120))""",
        SMALLEST_TARGET,
    )


def picture(page: Page, name: str) -> None:
    """Save the whole page under BROWSER_PICTURES, when somebody wants to look."""
    if folder := os.environ.get("BROWSER_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
