"""The one base of every broken rule. A subclass's docstring is the sentence that a person reads."""


class Problem(Exception):
    """Something in this request breaks a rule."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text or " ".join((type(self).__doc__ or "").split()))

    @property
    def text(self) -> str:
        """The sentence for people."""
        return str(self.args[0])


class NotFound(Problem):
    """This does not exist (any more)."""


class Conflict(Problem):
    """Somebody else changed this in the meantime."""


class Unavailable(Problem):
    """This can't be done just now. Nothing was changed; try again in a moment."""


class NotAllowed(Problem):
    """You may not do this."""
