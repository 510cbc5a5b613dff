"""Where one is on a way of several steps."""

from collections.abc import Sequence

from ui.tags import Tag, icon


def steps(labels: Sequence[str], current: int) -> None:
    """Draw the steps; those before `current` (from 0) are done."""
    with Tag("nav", classes="stepper", aria_label="Steps"), Tag("ol"):
        for place, label in enumerate(labels):
            with Tag("li", classes="stepper-step"):
                part = Tag("span", classes="stepper-part", aria_current="step" if place == current else None)
                with part:
                    with Tag("span", classes="stepper-number", aria_hidden="true"):
                        if place < current:
                            icon("check")
                        else:
                            Tag("span", str(place + 1))
                    Tag("span", label)
                    if place < current:
                        Tag("span", ", done", classes="sr-only")
