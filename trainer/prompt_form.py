"""The prompt of an arm in its form, without any text of an example.

    chats of the held-out split --> system ...... as it is, where all share it
                                    shots ....... ‹message of a training example›, and
                                                  ‹its answer›
                                    question .... ‹question›, behind ‹passages›

Made by the code that makes the prompts, so that what a report shows is what was sent.
"""

from collections.abc import Sequence

from trainer.passages import Passage
from trainer.prompts import insert
from tunewise.domain.dataset import Example, Message

Form = list[dict[str, str]]  # role and content

_PASSAGE = Passage("‹id›", "‹title›", "‹passage›")


def prompt_form(
    examples: Sequence[Example],
    chats: Sequence[Sequence[Message]],
    shown: Sequence[Sequence[Passage]],
) -> Form:
    """Return the form of the prompts of a split.

    Parameters
    ----------
    examples, chats, shown : sequences of one length
        Each example, the messages that were sent for it, and the passages in them.
        The longest chat speaks for all: few examples may have fewer shots.
    """
    if not chats:
        return []
    at = max(range(len(chats)), key=lambda i: len(chats[i]))
    chat, own = chats[at], list(examples[at].prompt)
    form = []
    if own and own[0].role == "system":
        own.pop(0)
        form.append(Message("system", _system(chats)))
    end = own
    if shown[at]:
        end = list(insert(own, shown[at]))
    form += [_shot(m) for m in chat[len(form) : len(chat) - len(end)]]
    asked = max((i for i, m in enumerate(own) if m.role == "user"), default=-1)
    masked = [
        Message(m.role, "‹question›" if i == asked else f"‹earlier {m.role} message›")
        for i, m in enumerate(own)
    ]
    if shown[at]:
        masked = list(insert(masked, [_PASSAGE] * len(shown[at])))
    return [{"role": m.role, "content": m.content} for m in (*form, *masked)]


def _shot(message: Message) -> Message:
    answer = message.role == "assistant"
    said = "‹its answer›" if answer else "‹message of a training example›"
    return Message(message.role, said)


def _system(chats: Sequence[Sequence[Message]]) -> str:
    """Return the system message that all share: the task's, and no example's text."""
    said = {chat[0].content for chat in chats if chat and chat[0].role == "system"}
    return said.pop() if len(said) == 1 else "‹system message of the example›"
