"""Deploys both environments once a session, side by side, because a deploy is mostly waiting."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import tftest

from tests.account import SETTINGS
from tests.live import trace_log
from tests.live.project import Project, Run


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The plan before the deploy if one was requested, the deploy's run, and everything that Terraform logged."""

    first_plan: tftest.TerraformPlanOutput | None
    run: Run
    seconds: float
    log: Path | None = None


class Deployments:
    """The deployments of this session. Some start at once; ``of`` waits for one, and starts any other."""

    def __init__(self, begin: Callable[[str], Deployment], environments: Iterable[str]) -> None:
        self._pool = ThreadPoolExecutor()
        self._begin = begin
        self._begun: dict[str, Future[Deployment]] = {}
        for environment in environments:
            self._start(environment)

    def _start(self, environment: str) -> Future[Deployment]:
        if environment not in self._begun:
            self._begun[environment] = self._pool.submit(self._begin, environment)
        return self._begun[environment]

    def of(self, environment: str) -> Deployment:
        """Return the environment's deployment; raise the error if it failed."""
        return self._start(environment).result()

    def close(self) -> None:
        """Wait for every deployment that is still running."""
        self._pool.shutdown()


def deploy(project: Project, environment: str, log: Path) -> Deployment:
    """Deploy an environment and log everything that Terraform and its providers can log.

    An environment that adopts resources is planned first.
    """
    began = time.monotonic()
    planned = project.plan(environment) if SETTINGS.find(environment).adopt else None
    run = project.deploy(environment, **trace_log.everything(log)).expect(0)
    return Deployment(first_plan=planned, run=run, seconds=time.monotonic() - began, log=log)


def present(project: Project, environment: str) -> Deployment:
    """Verify an environment that was deployed before this session."""
    began = time.monotonic()
    run = project.verify(environment).expect(0)
    return Deployment(first_plan=None, run=run, seconds=time.monotonic() - began)
