"""Take the pictures that the documentation shows, anew, as WebP.

    python docs/pictures/home.py HOME
    python docs/pictures/kept.py HOME

Needs the extra [dev] and the system's Chromium, which also writes the WebP.
"""

import argparse
import base64
import shutil
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import waitress
from playwright.sync_api import Browser, sync_playwright

from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow import decisions
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home

HERE = Path(__file__).parent
QUALITY = 0.8
_INTAKE = (
    "/decisions/new?task_type=classification&prompt_tried=no&training_examples=160"
)
# A PNG goes through a canvas, and comes back as WebP.
_AS_WEBP = """async ([png, quality]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width; canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


@dataclass(frozen=True)
class Kept:
    """A picture of the documentation."""

    name: str
    address: str
    width: int = 1280
    height: int = 1200
    theme: str = "light"


def kept(home: Home) -> list[Kept]:
    """Return the pictures, of the newest accepted decision and its experiment."""
    accepted = [d for d in decisions.list_all(home) if d["status"] == "accepted"]
    decision = f"/decisions/{accepted[-1]['id']}"
    experiment = f"/experiments/{experiments.list_all(home)[-1]['experiment']}"
    return [
        Kept("intake", _INTAKE, height=850),
        Kept("decision", decision, height=1270),
        Kept("experiment", experiment, height=1300),
        Kept("try", f"{decision}/try", height=1200),
        Kept("decision-phone-dark", decision, width=390, height=1300, theme="dark"),
    ]


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("home", type=Path, help="as home.py made it")
    home = Home(parser.parse_args().home, Actor("pictures"))
    server = waitress.create_server(create_app(home), host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    base = f"http://127.0.0.1:{server.effective_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome")
        )
        for each in kept(home):
            file = HERE / f"{each.name}.webp"
            file.write_bytes(_webp(browser, _png(browser, base, each)))
            print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")
        browser.close()


def _png(browser: Browser, base: str, asked: Kept) -> bytes:
    context = browser.new_context(
        color_scheme="dark" if asked.theme == "dark" else "light",
        reduced_motion="reduce",
        viewport={"width": asked.width, "height": 900},
    )
    tab = context.new_page()
    tab.goto(base + asked.address)
    tall = tab.evaluate("document.documentElement.scrollHeight")
    size = {"width": asked.width, "height": min(tall, asked.height)}
    png = tab.screenshot(full_page=True, clip={"x": 0, "y": 0, **size})
    context.close()
    return png


def _webp(browser: Browser, png: bytes) -> bytes:
    tab = browser.new_page()
    text = base64.b64encode(png).decode()
    found = tab.evaluate(_AS_WEBP, [text, QUALITY])
    tab.close()
    return base64.b64decode(found)


if __name__ == "__main__":
    main()
