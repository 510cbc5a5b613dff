"""The two steps of making a campaign, as the header of both pages."""

from typing import Literal

from ui.tags import Tag, icon

Step = Literal["details", "messages"]
STEPS: tuple[tuple[Step, str], ...] = (("details", "Campaign Details"), ("messages", "Messages"))


def stepper(current: Step, campaign_id: int | None) -> None:
    """Draw the steps; the one that is not current is a link once the campaign is saved."""
    places = [step for step, _ in STEPS]
    with Tag("nav", classes="stepper", aria_label="Steps"), Tag("ol"):
        for number, (step, label) in enumerate(STEPS, start=1):
            done = places.index(step) < places.index(current)
            with Tag("li", classes="stepper-step"):
                if step == current:
                    part = Tag("span", classes="stepper-part", aria_current="step")
                elif campaign_id is not None:
                    part = Tag("a", classes="stepper-part", href=f"/campaigns/sms/{campaign_id}/{step}")
                else:
                    part = Tag("span", classes="stepper-part stepper-later")
                with part:
                    with Tag("span", classes="stepper-number", aria_hidden="true"):
                        _mark(number, done=done)
                    Tag("span", label)
                    if done:
                        Tag("span", ", done", classes="sr-only")


def _mark(number: int, *, done: bool) -> None:
    if done:
        icon("check")
    else:
        Tag("span", str(number))
