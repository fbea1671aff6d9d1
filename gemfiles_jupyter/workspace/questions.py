"""Questions about files: each file of a prompt is made ready, and one that is missing is sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..client import Client
from ..client.models import File
from ..client.prompts import Answer, Clip, Part, PromptOptions, file_of, with_file
from ..errors import FileUnavailable, InvalidUsage
from ..transfers.journal import Journal
from .clips import check_clip
from .prompt import compose, labelled
from .renewal import Renewer

__all__ = ["Questions"]

OnPoll = Callable[[File, float], None]


class Questions:
    """What a user asks a model at one endpoint.

    Parameters
    ----------
    journal
        Knows where files came from that have to be sent again.
    """

    def __init__(self, client: Client, journal: Journal) -> None:
        self._client = client
        self._journal = journal

    def compose(
        self,
        text: str,
        variables: Mapping[str, object],
        first: Sequence[File] = (),
        renewer: Renewer | None = None,
        *,
        is_labelled: bool = False,
        on_poll: OnPoll | None = None,
    ) -> tuple[Part, ...]:
        """Return the parts of a prompt, each file of it ready for use.

        A file that is still processing is awaited, one that has expired is sent again.

        Parameters
        ----------
        first
            Files that go before the text.
        is_labelled
            Whether the model is told the names of several files.
        """
        parts = [*first, *compose(text, variables)]
        if all(isinstance(part, str) and not part.strip() for part in parts):
            raise InvalidUsage("The prompt is empty.", hint="Write what you want to know.")
        ready = self.ready(parts, renewer, on_poll)
        return labelled(ready) if is_labelled else ready

    def ask(self, parts: Sequence[Part], options: PromptOptions, renewer: Renewer | None = None) -> Answer:
        """Return the whole answer to a prompt."""
        *_, last = self.answer_once(parts, options, renewer)
        return last

    def answer_once(
        self, parts: Sequence[Part], options: PromptOptions, renewer: Renewer | None = None
    ) -> Iterator[Answer]:
        """Yield the answer when it is whole, as `stream` yields it while it grows."""
        return self._answers(parts, options, renewer, is_streaming=False)

    def stream(
        self, parts: Sequence[Part], options: PromptOptions, renewer: Renewer | None = None
    ) -> Iterator[Answer]:
        """Yield the answer as it grows."""
        return self._answers(parts, options, renewer, is_streaming=True)

    def _answers(
        self, parts: Sequence[Part], options: PromptOptions, renewer: Renewer | None, *, is_streaming: bool
    ) -> Iterator[Answer]:
        """Yield answers; where the service misses a file, send that again and ask once more."""
        renewer = renewer or Renewer(self._client, self._journal)
        while True:
            try:
                if is_streaming:
                    yield from self._client.prompts.stream(parts, options)
                else:
                    yield self._client.prompts.generate(parts, options)
                return
            except FileUnavailable as error:
                parts = renewer.replace_missing(parts, error)

    def count_tokens(self, parts: Sequence[Part], model: str, renewer: Renewer | None = None) -> int:
        """Return how many tokens a prompt takes; a file that is missing is sent again, as for `ask`."""
        renewer = renewer or Renewer(self._client, self._journal)
        while True:
            try:
                return self._client.prompts.count_tokens(parts, model)
            except FileUnavailable as error:
                parts = renewer.replace_missing(parts, error)

    def ready(
        self, parts: Sequence[Part], renewer: Renewer | None = None, on_poll: OnPoll | None = None
    ) -> tuple[Part, ...]:
        """Return parts with each file of them ready for use: awaited, or sent again if it has expired.

        Raises
        ------
        InvalidUsage
            A clip lies beyond the end of its video.
        """
        renewer = renewer or Renewer(self._client, self._journal)
        ready = [
            with_file(part, self._ready(file, renewer, on_poll)) if (file := file_of(part)) else part
            for part in parts
        ]
        return tuple(check_clip(part) if isinstance(part, Clip) else part for part in ready)

    def _ready(self, file: File, renewer: Renewer, on_poll: OnPoll | None) -> File:
        try:
            if renewer.has_expired(file) or renewer.is_from_elsewhere(file):
                file = self._client.files.get(file.name)  # it may live longer than we know, and for this key
            return self._client.files.wait(file, on_poll=on_poll)
        except FileUnavailable as error:
            return renewer.renew(file, error.message)
