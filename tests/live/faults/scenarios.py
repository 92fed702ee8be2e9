"""Scenarios that several throwaway environments run side by side; a test waits for one step of one of them."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

# A step's name, unique among all scenarios, and what it does and asserts. A scenario's steps run in this order.
Scenario = Mapping[str, Callable[[], object]]
# This many keep two processors busy, because a deploy is mostly waiting.
_AT_ONCE = 4


class Scenarios:
    """All scenarios of a session; ``step`` waits for one step and raises its error."""

    def __init__(self) -> None:
        self._steps: dict[str, Future[None]] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE)

    def begin(self, scenario: Scenario) -> None:
        """Run a scenario's steps, one after the other, in its own thread."""
        assert not self._steps.keys() & scenario.keys(), "two steps have the same name"
        self._steps |= {name: Future() for name in scenario}
        self._pool.submit(self._run, scenario)

    def step(self, name: str) -> None:
        """Wait for the step of this name; raise its error, or that of an earlier step."""
        self._steps[name].result()

    def close(self) -> None:
        """Wait for every scenario's last step."""
        self._pool.shutdown()

    def _run(self, scenario: Scenario) -> None:
        broken: BaseException | None = None
        for name, act in scenario.items():
            if broken is None:
                try:
                    act()
                except BaseException as error:  # noqa: BLE001 the test that waits for the step raises it
                    broken = error
            if broken is None:
                self._steps[name].set_result(None)
            else:
                self._steps[name].set_exception(broken)


@contextmanager
def running_scenarios() -> Iterator[Scenarios]:
    """Scenarios that have all finished when the context ends."""
    scenarios = Scenarios()
    try:
        yield scenarios
    finally:
        scenarios.close()
