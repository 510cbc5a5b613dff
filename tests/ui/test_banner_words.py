"""What a banner says, which a phone folds where it is long."""

from tests.ui.pages import shown
from ui.banner_words import LESS, MORE, SHORT, banner_words
from ui.tags import Tag


async def test_a_long_one_is_unfolded_and_folded_again() -> None:
    async with shown(lambda: banner_words("Sending is held.", "x" * SHORT)) as user:
        await user.open("/")
        (words,) = user.find("Sending is held.").elements
        folded = words.parent_slot.parent.classes if words.parent_slot else []
        (more,) = (tag for tag in user.find(MORE).elements if isinstance(tag, Tag))
        assert "is-folded" in folded
        assert more.props["aria-expanded"] == "false"
        user.find(MORE).click()
        await user.should_see(LESS)
        assert "is-folded" not in folded
        assert more.props["aria-expanded"] == "true"
        user.find(LESS).click()
        await user.should_see(MORE)
        assert "is-folded" in folded


async def test_a_short_one_is_shown_whole() -> None:
    async with shown(lambda: banner_words("Main number is paused.", "Back at nine.")) as user:
        await user.open("/")
        await user.should_see("Back at nine.")
        await user.should_not_see(MORE)
