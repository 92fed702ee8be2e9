"""What an adoption would break: permissions, ownership of the database's objects, other teams' pods."""

from collections.abc import Callable, Iterator
from functools import partial

from delivery.account.administrator import log_in_as_administrator
from delivery.account.error import AbsentError
from delivery.account.target import Target
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way
from delivery.preflight import adopted_database, adopted_role
from delivery.verification.foreign_pods import ForeignPods, foreign_pods
from environments.schema.adoption import Part


def _database(target: Target) -> str | None:
    with log_in_as_administrator(target, application="doctor", database=target.names.database) as connection:
        return adopted_database.problem(target, connection)


_CHECKS: dict[Part, tuple[str, Callable[[Target], str | None], str]] = {
    "core-api-role": ("core-api's permissions", adopted_role.problem, "the role keeps what is not dropped by name"),
    "database": ("database's owner", _database, "everything in it belongs to the environment's role"),
}


def facts(examination: Examination) -> Iterator[Fact]:
    """A fact for each adopted part that can lose something, and one for other teams' pods."""
    target = examination.target
    for part, (name, problem, kept) in _CHECKS.items():
        if target.environment.adopts(part):
            yield Fact(name=name, settings=kept, read=partial(_adopted, target, problem))
    named = ", ".join(neighbour.name for neighbour in target.environment.neighbours) or "none"
    yield Fact(name="pods of others", settings=f"neighbours: {named}", read=partial(_pods, examination))


def _adopted(target: Target, problem: Callable[[Target], str | None]) -> Finding:
    said = problem(target)
    if said is None:
        return fine("nothing would be lost")
    found, separator, remedy = " ".join(said.split()).partition("allowed ")
    return in_the_way(found.rstrip(" ;"), remedy if separator else f"make adopt ENV={target.environment.name}")


def _pods(examination: Examination) -> Finding:
    try:
        harmed = [pods for pods in foreign_pods(examination.target) if pods.reasons]
    except AbsentError:
        return fine("there is no namespace yet")
    if not harmed:
        return fine("none that the namespace would refuse or cut off")
    found = "; ".join(f"{pods.owner}: {', '.join(pods.reasons)}" for pods in harmed)
    lines = ", ".join(map(_neighbour, harmed))
    return in_the_way(found, f"neighbours=({lines}) in {examination.environment_file} (docs/neighbours.md)")


def _neighbour(pods: ForeignPods) -> str:
    name = pods.owner.rpartition(" ")[2]
    return f'Neighbour(name="{name}", labels={dict(pods.labels)}, ...)'
