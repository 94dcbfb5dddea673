"""Take pictures of every page of a home: three widths, light and dark, and sheets.

    python docs/pictures/make.py HOME FOLDER [--only /decisions] [--sheet]

Serves HOME on a free port and follows its links: one page for each kind of address, as
`tunewise serve` shows it, in the system's Chromium. ``--sheet`` adds for each page one
picture in which the six stand side by side, to look at them quickly. Needs the extra
[dev].
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import waitress
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.exceptions import HTTPException

from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow.home import Home

WIDTHS = (320, 768, 1280)
THEMES = ("light", "dark")
HEIGHT = 900
LONGEST = 4000  # pixels of a page that a picture shows
START = ("/", "/decisions/new?task_type=classification", "/portfolio", "/search?q=a")
_LINKS = "() => [...document.querySelectorAll('a[href^=\"/\"]')].map(a => a.href)"


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("home", type=Path, help="a folder with tunewise.db")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", help="the beginning of the addresses to take")
    parser.add_argument("--sheet", action="store_true", help="six pictures in one")
    parser.add_argument("--height", type=int, default=LONGEST, help="pixels, at most")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    app = create_app(Home(asked.home, Actor("pictures")))
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    base = f"http://127.0.0.1:{server.effective_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome")
        )
        for address in pages(browser, app, base):
            if address.startswith(asked.only or "/"):
                taken = take(browser, f"{base}{address}", asked.folder, asked.height)
                if asked.sheet:
                    sheet(browser, taken, asked.folder / f"{_name(address)}-sheet.png")
                print(address)
        browser.close()


def pages(browser: Browser, app: Flask, base: str) -> Iterator[str]:
    """Yield one address of each kind of page that links lead to."""
    tab = browser.new_page(base_url=base)
    known = app.url_map.bind("127.0.0.1")
    waiting, kinds = [f"{base}{path}" for path in START], set()
    while waiting:
        url = waiting.pop(0)
        path = urlsplit(url).path
        try:
            kind, values = known.match(path)
        except HTTPException:
            continue
        if (kind, values.get("act")) in kinds or "." in path.rpartition("/")[2]:
            continue
        kinds.add((kind, values.get("act")))
        tab.goto(url)
        waiting += tab.evaluate(_LINKS)
        yield url.removeprefix(base)
    tab.close()


def take(browser: Browser, url: str, folder: Path, height: int) -> list[Path]:
    """Take a page in every width and theme; return the files."""
    files = []
    for theme in THEMES:
        for width in WIDTHS:
            context = browser.new_context(
                color_scheme=theme,
                reduced_motion="reduce",
                viewport={"width": width, "height": HEIGHT},
            )
            tab = context.new_page()
            tab.goto(url)
            file = folder / f"{_name(url)}-{width}-{theme}.png"
            tall = tab.evaluate("document.documentElement.scrollHeight")
            clip = {"x": 0, "y": 0, "width": width, "height": min(tall, height)}
            tab.screenshot(path=file, full_page=True, clip=clip)
            files.append(file)
            context.close()
    return files


def sheet(browser: Browser, files: list[Path], to: Path) -> None:
    """Put pictures side by side, half their size."""
    images = "".join(
        f'<img src="{file.resolve().as_uri()}" width="{_width(file) // 2}">'
        for file in files
    )
    page = to.with_suffix(".html")
    page.write_text(
        '<body style="margin:8px;background:#888;display:flex;gap:8px;'
        f'align-items:flex-start;width:max-content">{images}'
    )
    tab = browser.new_page(viewport={"width": 2450, "height": 600})
    tab.goto(page.resolve().as_uri())
    tab.screenshot(path=to, full_page=True)
    tab.close()
    page.unlink()


def _width(file: Path) -> int:
    return int(file.stem.split("-")[-2])


def _name(address: str) -> str:
    kept: Any = (c if c.isalnum() else "-" for c in urlsplit(address).path)
    return "".join(kept).strip("-") or "home"


if __name__ == "__main__":
    main()
