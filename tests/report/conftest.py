"""The views by hand, and a parser that tells what a page holds."""

from html.parser import HTMLParser
from types import ModuleType

import pytest

from . import views as by_hand

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """Collect the elements, attributes and text of a page; refuse unbalanced tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.data: dict[str, str] = {}  # text of script elements by id
        self._open: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("id") or ""))

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}> near {self.getpos()}"

    def handle_data(self, data):
        self.text += data
        if self._open and self._open[-1][0] == "script":
            self.data[self._open[-1][1]] = self.data.get(self._open[-1][1], "") + data

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]


@pytest.fixture
def views() -> ModuleType:
    return by_hand


@pytest.fixture
def parse():
    return Page
