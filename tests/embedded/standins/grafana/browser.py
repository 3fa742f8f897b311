"""A headless Chromium that opens dashboards and tells what each panel shows."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *(
        "--headless=new",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--no-proxy-server"),
)
SECONDS = 30.0
LARGEST = 4000

_PANELS = """
return [...document.querySelectorAll(".panel")].map((panel) => ({
  title: panel.querySelector(".panel-title").textContent,
  type: panel.dataset.type,
  state: panel.dataset.state,
  message: panel.querySelector(".message")?.textContent ?? "",
  text: panel.querySelector(".panel-body").innerText,
  visible: panel.checkVisibility(),
}))
"""


@dataclass(frozen=True)
class Panel:
    """What a panel shows: `state` is loading, drawn, empty or error; `message` replaces a drawing."""

    title: str
    type: str
    state: str
    message: str
    text: str
    visible: bool


@dataclass(frozen=True)
class Browser:
    """One window."""

    driver: webdriver.Chrome

    def open(self, url: str) -> None:
        """Open a page and wait until it shows all that it will."""
        self.driver.get(url)
        self.wait_for(lambda: self.script("return document.body.dataset.ready !== undefined"))

    def log_in(self, url: str, user: str, password: str) -> None:
        """Through the form; the server must be Grafana's viewer."""
        self.driver.get(f"{url}/login")
        for name, value in (("user", user), ("password", password)):
            box = self.driver.find_element(By.NAME, name)
            box.clear()
            box.send_keys(value)
        self.click("button[type=submit]")
        self.wait_for(lambda: "/login" not in self.driver.current_url)

    def click(self, selector: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def script(self, code: str, *arguments: object) -> object:
        return self.driver.execute_script(code, *arguments)

    def module(self, name: str, expression: str, *arguments: object) -> object:
        """The value of a JavaScript expression over a module `m` of the pages and `a`, the arguments."""
        code = (
            "const done = arguments[arguments.length - 1], a = [...arguments];"
            f"import('/public/{name}').then((m) => done({expression}), (error) => done(String(error)))"
        )
        return cast(object, self.driver.execute_async_script(code, *arguments))

    def panels(self) -> list[Panel]:
        found = cast("list[dict[str, object]]", self.script(_PANELS))
        return [Panel(**each) for each in found]  # type: ignore[arg-type]

    def panel(self, title: str) -> Panel:
        return next(panel for panel in self.panels() if panel.title.startswith(title))

    def settled(self) -> bool:
        """No panel waits for an answer."""
        return self.script("return !document.querySelector('.panel[data-busy]')") is True

    def wait_for(self, condition: Callable[[], object], seconds: float = SECONDS) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not within {seconds:.0f} s; the page shows {self.panels()}"
            time.sleep(0.05)

    def picture(self, file: Path, width: int = 1440) -> None:
        """The whole page as PNG."""
        self.driver.set_window_size(width, 1000)
        height = cast(int, self.script("return document.documentElement.scrollHeight"))
        chrome = 1000 - cast(int, self.script("return innerHeight"))
        self.driver.set_window_size(width, min(height + chrome, LARGEST))
        self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": 1, "y": 1})
        time.sleep(0.5)  # charts follow the window's size
        file.parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(file))


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser with a fresh profile; the test is skipped where there is none."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip(
            "no Chromium with chromedriver on PATH; python -m embedded.toolchain chromium installs it"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = program
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    for flag in (*FLAGS, *sandbox, f"--user-data-dir={profile}", "--window-size=1440,1000"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(window)
    finally:
        window.quit()
