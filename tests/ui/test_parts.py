from collections.abc import Callable

import pytest
from nicegui import ui
from nicegui.elements.upload_files import FileUpload, SmallFileUpload
from nicegui.testing import User, UserInteraction

from domain.deliveries import State
from domain.problems import Problem
from tests.ui.pages import shown
from ui import notices
from ui.bar import Bar, DeliveryBar
from ui.emoji import EmojiButton
from ui.phone import Bubble, Phone, Picture
from ui.pill import STATUSES, Pill
from ui.shell import Person, empty_state
from ui.tags import Tag
from ui.upload import Attachment, DropZone


def props(user: User, kind: type[ui.element]) -> dict[str, object]:
    with user:
        (element,) = user.find(kind=kind).elements
    return dict(element.props)


async def test_a_bar_says_its_counts_in_words() -> None:
    def root() -> None:
        Bar({State.DELIVERED: 3, State.FAILED: 1}, name="Spring sale")

    async with shown(root) as user:
        await user.open("/")
        tally = props(user, Bar)["tally"]
    assert isinstance(tally, dict)
    assert tally["headline"] == "3 of 4 delivered"
    assert tally["words"] == "3 of 4 delivered, 75.0 %. 1 failed."
    assert [(row["state"], row["number"], row["share"]) for row in tally["rows"]] == [
        ("delivered", "3", "75.0 %"),
        ("failed", "1", "25.0 %"),
    ]


async def test_a_bar_button_opens_and_closes_its_panel() -> None:
    seen: list[bool] = []

    def root() -> None:
        panel = Tag("div", "The breakdown")
        DeliveryBar({State.SENT: 1}, title="Message 1", name="Results", panel=panel, on_toggle=seen.append)

    async with shown(root) as user:
        await user.open("/")
        await user.should_not_see("The breakdown")
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_see("The breakdown")
        assert props(user, DeliveryBar)["expanded"] is True
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_not_see("The breakdown")
    assert seen == [True, False]


async def test_equal_counts_send_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bars: list[Bar] = []

    async with shown(lambda: bars.append(Bar({State.SENT: 1}, name="x"))) as user:
        await user.open("/")
        updates: list[int] = []
        monkeypatch.setattr(Bar, "update", lambda _: updates.append(1))
        bars[0].counts = {State.SENT: 1}
        assert not updates
        bars[0].counts = {State.SENT: 2}
        assert updates
        assert bars[0].counts == {State.SENT: 2}


@pytest.mark.parametrize("status", STATUSES)
async def test_a_pill_shows_its_word(status: str) -> None:
    async with shown(lambda: Pill(status)) as user:
        await user.open("/")
        await user.should_see(status)


async def test_a_pill_follows_its_status() -> None:
    pills: list[Pill] = []
    async with shown(lambda: pills.append(Pill("Running", live=True))) as user:
        await user.open("/")
        pills[0].status = "Paused"
        await user.should_see("Paused")
        assert "pill-running" not in pills[0].classes
        with pytest.raises(ValueError, match="Sleeping"):
            pills[0].status = "Sleeping"


async def test_the_emoji_button_knows_its_field() -> None:
    fields: list[ui.textarea] = []

    def root() -> None:
        fields.append(ui.textarea("Message text"))
        EmojiButton(fields[0])

    async with shown(root) as user:
        await user.open("/")
        assert props(user, EmojiButton)["target"] == fields[0].html_id


async def test_the_phone_shows_what_is_written() -> None:
    phones: list[Phone] = []
    async with shown(lambda: phones.append(Phone("+1 415-555-0100"))) as user:
        await user.open("/")
        await user.should_see("Your message shows here while you write it.")
        phones[0].show([Bubble("Hi <b>Maya</b>", "Mon, 9:30 AM EST", [Picture("card.vcf")])])
        await user.should_see("Hi <b>Maya</b>")
        await user.should_see("card.vcf")
        await user.should_not_see("Your message shows here")


def zone(take: Callable[[DropZone, FileUpload], None], zones: list[DropZone]) -> Callable[[], None]:
    async def on_file(file: FileUpload) -> None:
        take(zones[0], file)

    def root() -> None:
        zones.append(
            DropZone(
                on_file=on_file,
                on_remove=lambda _: zones[0].show([]),
                hint="Pictures up to 5 MB",
                accept="image/*",
                max_bytes=5_000_000,
            )
        )

    return root


def keep(zone: DropZone, file: FileUpload) -> None:
    zone.show([Attachment("1", file.name, 3)])


def refuse(zone: DropZone, file: FileUpload) -> None:
    raise Problem("This is no picture.")


async def test_an_added_file_is_listed_and_can_be_removed() -> None:
    zones: list[DropZone] = []
    async with shown(zone(keep, zones)) as user:
        await user.open("/")
        await zones[0].upload.handle_uploads([SmallFileUpload("sun.png", "image/png", _data=b"png")])
        await user.should_see("sun.png")
        await user.should_see("3 bytes")
        with user:
            buttons = [
                el for el in user.find(kind=Tag).elements if el.props.get("aria-label") == "Remove sun.png"
            ]
        UserInteraction(user, set(buttons), None).click()
        await user.should_not_see("sun.png")


async def test_a_refused_file_is_named_with_its_reason() -> None:
    zones: list[DropZone] = []
    async with shown(zone(refuse, zones)) as user:
        await user.open("/")
        await zones[0].upload.handle_uploads([SmallFileUpload("sun.png", "image/png", _data=b"png")])
        await user.should_see("sun.png: This is no picture.")


async def test_the_same_file_is_not_taken_twice_but_again_once_it_is_removed() -> None:
    zones: list[DropZone] = []
    taken: list[str] = []

    def note(zone: DropZone, file: FileUpload) -> None:
        taken.append(file.name)
        keep(zone, file)

    async with shown(zone(note, zones)) as user:
        await user.open("/")
        sun = SmallFileUpload("sun.png", "image/png", _data=b"png")
        await zones[0].upload.handle_uploads([sun])
        await user.should_see("3 bytes")
        await zones[0].upload.handle_uploads([sun])
        await user.should_see("sun.png: This file is already here.")
        zones[0].show([])
        await zones[0].upload.handle_uploads([sun])
        await user.should_see("3 bytes")
    assert taken == ["sun.png", "sun.png"]


async def test_notices_say_what_happened_and_undo_takes_it_back() -> None:
    undone: list[bool] = []

    def root() -> None:
        notices.region()
        ui.button("Archive", on_click=lambda: notices.undo("Archived.", lambda: undone.append(True)))
        ui.button("Fail", on_click=lambda: notices.problem("The line has no carrier."))

    async with shown(root) as user:
        await user.open("/")
        user.find("Archive").click()
        await user.should_see("Archived.")
        user.find("Undo").click()
        await user.should_not_see("Archived.")
        assert undone == [True]
        user.find("Fail").click()
        await user.should_see("The line has no carrier.")


@pytest.mark.parametrize(("button", "answer"), [("Stop Campaign", True), ("Cancel", False)])
async def test_a_question_is_answered_by_the_actions_own_name(button: str, answer: bool) -> None:
    answers: list[bool] = []

    async def ask() -> None:
        answers.append(
            await notices.confirm("Stop it?", "Nothing more is sent.", "Stop Campaign", danger=True)
        )

    async with shown(lambda: ui.button("Ask", on_click=ask)) as user:
        await user.open("/")
        user.find("Ask").click()
        await user.should_see("Nothing more is sent.")
        user.find(button).click()
        await user.should_not_see("Nothing more is sent.")
    assert answers == [answer]


async def test_an_empty_state_begins_the_work() -> None:
    begun: list[bool] = []
    action = ("Create New Campaign", lambda: begun.append(True))
    async with shown(lambda: empty_state("campaign", "No campaigns yet", "Text.", action)) as user:
        await user.open("/")
        user.find("Create New Campaign").click()
    assert begun == [True]


@pytest.mark.parametrize(
    ("name", "initials"), [("Ada Park", "AP"), ("Ada", "A"), ("Maria de la Cruz", "MC"), ("", "")]
)
def test_initials(name: str, initials: str) -> None:
    assert Person(name).initials == initials
