"""Runs the commands of a workflow file on this machine, in GitHub's order.

Steps that GitHub itself provides (checkout, installation, credentials) are printed and skipped; artifacts go to the
stand-in. Only the expressions that the workflows use are supported: any other is an error, never a guess.
"""

import io
import json
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from delivery.rehearsal.github_stand_in import GitHubStandIn

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
# The conditions in the workflows, and their values in a rehearsal: a pull request's run succeeded, the App for previews
# exists, and no other variable of the repository is set.
_ANSWERS = {
    """contains(fromJSON('["pull_request", "workflow_dispatch"]'), github.event.workflow_run.event)""": True,
    "github.event.workflow_run.conclusion == 'success'": True,
    "github.ref_name == github.event.repository.default_branch": True,
    "(github.event_name != 'workflow_dispatch' || github.ref_name == github.event.repository.default_branch)": True,
    "vars.PREVIEW_APP_CLIENT_ID != ''": True,
    "vars.DATABASE_TUNNEL_INSTANCE != ''": False,
}
_EVEN_AFTER_A_FAILURE = "!cancelled()"


class WorkflowError(ValueError):
    """The workflow uses something that a rehearsal does not support; the message says what and where."""


@dataclass(kw_only=True)
class Rehearsal:
    """The machine on which workflows are rehearsed.

    root: where commands run. variables: for every step. run: the workflow run's id. finished_run: the run whose end
    started this one, or None. inputs: of a run that is started by hand. failed: the steps that failed.
    """

    root: Path
    github: GitHubStandIn
    variables: Mapping[str, str]
    run: int
    finished_run: int | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def rehearse(self, file: Path) -> bool:
        """Run the jobs of a workflow; return whether every step succeeded. Raises WorkflowError."""
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        outputs: dict[str, dict[str, str]] = {}
        results: dict[str, bool] = {}
        for name, job in _in_order(workflow["jobs"], file.name):
            needs_succeeded = all(results[need] for need in _needs(job))
            results[name] = _condition(
                job.get("if", ""),
                f"{file.name} {name}",
                succeeded=needs_succeeded,
                results=results,
                outputs={need: outputs.get(need, {}) for need in _needs(job)},
            )
            if not results[name]:
                print(f"\n== {file.name}: {name}: skipped", flush=True)
                continue
            for row in _matrix(job, outputs, f"{file.name} {name}"):
                place = f"{file.name}: {name} {row.get('environment', '')}".rstrip()
                print(f"\n== {place}", flush=True)
                succeeded, outputs[name] = self._job(job, row, outputs, place)
                results[name] = results[name] and succeeded
        return not self.failed

    def _job(
        self, job: Mapping[str, Any], row: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]], place: str
    ) -> tuple[bool, dict[str, str]]:
        steps: dict[str, dict[str, str]] = {}
        succeeded = True
        values = _Values(
            row=row,
            token=self.github.token,
            steps=steps,
            outputs={need: outputs.get(need, {}) for need in _needs(job)},
            finished_run=self.finished_run,
            inputs=self.inputs,
            place=place,
        )
        for step in job["steps"]:
            if not _condition(step.get("if", ""), place, succeeded=succeeded, results={}, outputs={}):
                continue
            if "uses" in step:
                steps[step.get("id", "")] = self._action(step, values)
                continue
            environment = {name: values.fill(str(value)) for name, value in _environment(job, step).items()}
            code, steps[step.get("id", "")] = self._command(values.fill(step["run"]), environment)
            if code:
                self.failed.append(f"{place}: {step['run']}: exit code {code}")
                print(f"-- exit code {code}", flush=True)
                succeeded = False
        return succeeded, {name: values.fill(value) for name, value in job.get("outputs", {}).items()}

    def _action(self, step: Mapping[str, Any], values: "_Values") -> dict[str, str]:
        """Do the parts of an action that matter here, and return its outputs."""
        action = step["uses"].partition("@")[0]
        if action == "actions/create-github-app-token":
            # Its inputs belong to the App; here there is only one token.
            print(f"-- {action}", flush=True)
            return {"token": self.github.token}
        inputs = {name: values.fill(str(value)) for name, value in step.get("with", {}).items()}
        match action:
            case "actions/upload-artifact":
                self._upload(inputs["name"], self.root / inputs["path"])
            case "actions/download-artifact":
                run = int(inputs.get("run-id", self.run))
                self._download(run, inputs.get("name") or inputs["pattern"], self.root / inputs["path"])
            case _:
                print(f"-- {action}: not rehearsed", flush=True)
                return {}
        print(f"-- {action}", flush=True)
        return {}

    def _upload(self, name: str, folder: Path) -> None:
        files = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        self.github.add_artifact(self.run, name, files)

    def _download(self, run: int, pattern: str, folder: Path) -> None:
        """Unpack artifacts into a folder that holds nothing else, as in a fresh checkout."""
        shutil.rmtree(folder, ignore_errors=True)
        for row in self.github.artifacts:
            if row["run"] == run and fnmatch(row["name"], pattern):
                with zipfile.ZipFile(io.BytesIO(row["data"])) as archive:
                    archive.extractall(folder)

    def _command(self, command: str, environment: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        print(f"-- {command}", flush=True)
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
            # GitHub's default shell for a step.
            done = subprocess.run(
                ["bash", "-e", "-c", command],
                cwd=self.root,
                env={**self.variables, **environment, "GITHUB_OUTPUT": output.name},
                check=False,
            )
            lines = output.read().splitlines()
        return done.returncode, dict(line.split("=", 1) for line in lines)


@dataclass(frozen=True, kw_only=True)
class _Values:
    """The values of expressions in one job."""

    row: Mapping[str, str]
    token: str
    steps: Mapping[str, Mapping[str, str]]
    outputs: Mapping[str, Mapping[str, str]]
    finished_run: int | None
    inputs: Mapping[str, str]
    place: str

    def fill(self, text: str) -> str:
        """Replace the expressions in a text."""
        return _EXPRESSION.sub(lambda match: self._value(match[1]), text)

    def _value(self, expression: str) -> str:
        if expression == "github.token":
            return self.token
        if expression == "github.event.workflow_run.id" and self.finished_run is not None:
            return str(self.finished_run)
        if (match := re.fullmatch(r"needs\.(\w+)\.outputs\.(\w+)", expression)) and match[1] in self.outputs:
            return self.outputs[match[1]].get(match[2], "")
        if (match := re.fullmatch(r"inputs\.(\w+)", expression)) and match[1] in self.inputs:
            return self.inputs[match[1]]
        if (match := re.fullmatch(r"matrix\.(\w+)", expression)) and match[1] in self.row:
            return self.row[match[1]]
        if (match := re.fullmatch(r"steps\.(\w+)\.outputs\.(\w+)", expression)) and match[1] in self.steps:
            return self.steps[match[1]].get(match[2], "")
        raise WorkflowError(f"{self.place}: the expression {expression!r} is not known to the rehearsal")


def _in_order(jobs: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each job after the jobs that it needs."""
    done: list[str] = []
    while len(done) < len(jobs):
        ready = [job for job in jobs if job not in done and all(need in done for need in _needs(jobs[job]))]
        if not ready:
            raise WorkflowError(f"{name}: its jobs need each other or a missing job")
        done.append(ready[0])
        yield ready[0], jobs[ready[0]]


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def _matrix(job: Mapping[str, Any], outputs: Mapping[str, Mapping[str, str]], place: str) -> list[Mapping[str, str]]:
    expression = job.get("strategy", {}).get("matrix")
    if expression is None:
        return [{}]
    match = re.fullmatch(r"\$\{\{ fromJSON\(needs\.(\w+)\.outputs\.(\w+)\) \}\}", str(expression))
    if not match:
        raise WorkflowError(f"{place}: the matrix {expression!r} is not known to the rehearsal")
    rows: list[Mapping[str, str]] = json.loads(outputs[match[1]][match[2]])["include"]
    return rows


def _condition(
    text: str,
    place: str,
    *,
    succeeded: bool,
    results: Mapping[str, bool],
    outputs: Mapping[str, Mapping[str, str]],
) -> bool:
    """Whether a job or step runs. succeeded: everything before it did. results: of the jobs so far.

    outputs: of the jobs that it needs.
    """
    whole = _EXPRESSION.fullmatch(text)
    terms = " ".join((whole[1] if whole else text).split()).split(" && ") if text else []
    answers = [succeeded or _EVEN_AFTER_A_FAILURE in terms]
    for term in terms:
        if match := re.fullmatch(r"needs\.(\w+)\.result == 'success'", term):
            answers.append(results[match[1]])
        elif (match := re.fullmatch(r"needs\.(\w+)\.outputs\.(\w+) != ''", term)) and match[1] in outputs:
            answers.append(bool(outputs[match[1]].get(match[2])))
        elif term != _EVEN_AFTER_A_FAILURE and term not in _ANSWERS:
            raise WorkflowError(f"{place}: the condition {term!r} is not known to the rehearsal")
        else:
            answers.append(_ANSWERS.get(term, True))
    return all(answers)


def _environment(job: Mapping[str, Any], step: Mapping[str, Any]) -> dict[str, object]:
    return {**job.get("env", {}), **step.get("env", {})}
