"""A live preview of messages as they arrive on somebody's phone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ui.tags import Tag, icon


@dataclass(frozen=True, slots=True)
class Picture:
    """An attachment as the phone shows it; without a picture's address it is shown by name."""

    filename: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message: its text, its attachments, and its time in words ("Mon, Nov 30, 9:30 AM EST")."""

    text: str
    time: str = ""
    pictures: Sequence[Picture] = field(default_factory=tuple)


class Phone(Tag):
    """A phone's screen with the sending line on top and the messages below."""

    def __init__(self, sender: str, bubbles: Sequence[Bubble] = ()) -> None:
        super().__init__("div", classes="phone", role="group", aria_label="Preview on a phone")
        with self, Tag("div", classes="phone-screen"):
            with Tag("div", classes="phone-top"):
                with Tag("span", classes="phone-face", aria_hidden="true"):
                    icon("person")
                self._sender = Tag("span", sender, classes="phone-from", dir="auto")
            self._talk = Tag("div", classes="phone-talk", tabindex=0, role="group", aria_label="Messages")
        self._shown: list[Bubble] | None = None
        self._texts: list[Tag | None] = []
        self.show(bubbles)

    def sent_from(self, sender: str) -> None:
        """Change the line on top."""
        self._sender.text = sender

    def show(self, bubbles: Sequence[Bubble]) -> None:
        """Draw these messages, oldest first; where only texts differ they change in place."""
        before, self._shown = self._shown, list(bubbles)
        if before is not None and [shape(b) for b in before] == [shape(b) for b in bubbles]:
            for label, bubble in zip(self._texts, bubbles, strict=True):
                if label is not None and label.text != bubble.text:
                    label.text = bubble.text
            return
        self._talk.clear()
        with self._talk:
            self._texts = [draw(bubble) for bubble in bubbles]
            if not bubbles:
                Tag("p", "Your message shows here while you write it.", classes="phone-none")


def shape(bubble: Bubble) -> tuple[object, ...]:
    """All of a bubble but its words."""
    return bubble.time, tuple(bubble.pictures), bool(bubble.text)


def draw(bubble: Bubble) -> Tag | None:
    """One message: time, attachments, text; gives the text's element."""
    if bubble.time:
        Tag("span", bubble.time, classes="phone-time")
    for picture in bubble.pictures:
        if picture.url:
            Tag("img", classes="bubble-image", src=picture.url, alt=picture.filename)
        else:
            with Tag("span", classes="bubble bubble-file"):
                icon("attach_file")
                Tag("span", picture.filename)
    if not bubble.text:
        return None
    return Tag("span", bubble.text, classes="bubble", dir="auto")
