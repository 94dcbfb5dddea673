"""What the bidirectional algorithm has open (UAX 9, rules X1 to X8 and BD9)."""

import unicodedata

EMBEDDINGS = {"LRE", "RLE", "LRO", "RLO"}
ISOLATES = {"LRI", "RLI", "FSI"}


def spills(text: str) -> str:
    """Say what turns the text around it: "" where all of it keeps to itself.

    A paragraph must end with nothing open, and what is written from right to left
    must stand in an isolate.
    """
    open_: list[str] = []
    for place, char in enumerate(text):
        kind = unicodedata.bidirectional(char)
        if kind == "B":  # ends a paragraph, and all that is open in it
            if open_:
                return f"{open_[-1]} is open at the end of a line ({place})"
        elif kind in ISOLATES:
            open_.append("isolate")
        elif kind in EMBEDDINGS:
            if "isolate" not in open_:
                return f"{kind} outside of an isolate ({place})"
            open_.append(kind)
        elif kind in ("PDF", "PDI"):
            _close(open_, kind)
        elif kind in ("R", "AL") and "isolate" not in open_:
            return f"U+{ord(char):04X} outside of an isolate ({place})"
    return f"{open_[-1]} is never closed" if open_ else ""


def _close(open_: list[str], kind: str) -> None:
    if kind == "PDF" and open_ and open_[-1] in EMBEDDINGS:
        open_.pop()
    if kind == "PDI" and "isolate" in open_:
        while open_.pop() != "isolate":
            pass


def turned(text: str) -> str:
    """Return what is written backwards because an override is open before it."""
    open_: list[str] = []
    found = []
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind == "B":
            open_ = []
        elif kind in ISOLATES | EMBEDDINGS:
            open_.append("isolate" if kind in ISOLATES else kind)
        elif kind in ("PDF", "PDI"):
            _close(open_, kind)
        elif {"RLO", "RLE"} & set(open_):
            found.append(char)
    return "".join(found)
