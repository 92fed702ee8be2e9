"""What happens to several throwaway environments at the same time, told in chapters that tests ask about one by one."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

# A chapter's name, and what is done and asserted in it.
Story = Mapping[str, Callable[[], object]]
# Two processors are busy with this many: most of a deploy is waiting.
_AT_ONCE = 4


class Stories:
    """The chapters of every story; ``chapter`` waits for one and raises what went wrong in it."""

    def __init__(self) -> None:
        self._chapters: dict[str, Future[None]] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE)

    def begin(self, story: Story) -> None:
        """Tell a story from now on, its chapters one after the other."""
        assert not self._chapters.keys() & story.keys(), "two chapters of one name"
        self._chapters |= {name: Future() for name in story}
        self._pool.submit(self._tell, story)

    def chapter(self, name: str) -> None:
        """Wait for this chapter."""
        self._chapters[name].result()

    def close(self) -> None:
        """Wait for all."""
        self._pool.shutdown()

    def _tell(self, story: Story) -> None:
        broken: BaseException | None = None
        for name, act in story.items():
            if broken is None:
                try:
                    act()
                except BaseException as error:  # noqa: BLE001 whoever asks for the chapter gets it
                    broken = error
            if broken is None:
                self._chapters[name].set_result(None)
            else:
                self._chapters[name].set_exception(broken)


@contextmanager
def stories() -> Iterator[Stories]:
    """Stories that are all told at the end."""
    told = Stories()
    try:
        yield told
    finally:
        told.close()
