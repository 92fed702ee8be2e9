"""The command ``python -m delivery gitops``: the GitOps repository's files from the settings."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml

from delivery.gitops.chart import missing_from_chart
from delivery.gitops.repository import files
from delivery.terraform.stack_configuration import StackConfiguration
from environments.schema.settings import Environment
from modules.model.helm_values import NO_COMMON_TAG, NO_TAG
from modules.model.names import Names
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import run_command
from tests.helm import CHART
from tests.synth.synthesis import synthesize_settings
from tests.unit.environments.example import environment

run = partial(run_command, "gitops")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in SETTINGS.names():
        done = run(name, "--out", str(tmp_path))
        assert done.returncode == 0, done.stderr
    return tmp_path


def test_one_repository_holds_the_files_of_all_environments(checkout: Path) -> None:
    written = {str(file.relative_to(checkout)) for file in checkout.rglob("*.yaml")}
    own = {f"environments/{name}/{file}.yaml" for name in SETTINGS.names() for file in ("application", "values")}
    assert written == {"base/values.yaml"} | own


def test_a_written_checkout_matches_the_settings(checkout: Path) -> None:
    for name in SETTINGS.names():
        done = run(name, "--check", str(checkout))
        assert (done.returncode, done.stderr) == (0, "")
        assert f"matches the settings of {name}" in done.stdout


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("base/values.yaml", "className: alb", "className: nginx"),
        ("environments/staging/values.yaml", "replicaCount: 1", "replicaCount: 4"),
        ("environments/staging/application.yaml", "prune: true", "prune: false"),
    ],
)
def test_manual_changes_in_a_checkout_are_shown_as_a_difference(checkout: Path, path: str, old: str, new: str) -> None:
    file = checkout / path
    file.write_text(file.read_text().replace(old, new, 1))
    done = run("staging", "--check", str(checkout))
    assert done.returncode == 1
    lines = [line.strip("+- ") for line in done.stdout.splitlines() if line.startswith(("+", "-")) and path not in line]
    assert lines == [new, old]


def test_a_missing_file_is_shown_as_a_difference(checkout: Path) -> None:
    (checkout / "environments/staging/values.yaml").unlink()
    done = run("staging", "--check", str(checkout))
    assert done.returncode == 1
    assert "environments/staging/values.yaml (missing)" in done.stdout
    assert "+  environment: staging" in done.stdout


def test_each_file_names_its_source(checkout: Path) -> None:
    files_ = list(checkout.rglob("*.yaml"))
    assert files_
    for file in files_:
        name = file.parent.name if file.parent.parent.name == "environments" else "ENV"
        written_by, made_from, *_ = file.read_text().splitlines()
        assert written_by == f"# Written by `python -m delivery gitops {name} --out .` in {SHARED.repository}"
        assert made_from.startswith("# from environments/")
        sources = [word.rstrip(":") for word in made_from.split() if word.startswith("environments/")]
        assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_same_settings_give_the_same_files() -> None:
    command = (
        "from delivery.gitops.repository import files; from modules.model.selected_settings import SETTINGS, SHARED; "
        "print([files(e, SHARED) for e in SETTINGS.load()])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", command],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    (same,) = printed
    assert b"values.yaml" in same


def test_the_command_does_not_load_terraform_code() -> None:
    command = (
        "import sys, delivery.commands.gitops; print(*[m for m in sys.modules if m.startswith(('cdktf', 'jsii'))])"
    )
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("tag", ["12e4567", "1234567", "0123456", "v1.2.3"])
def test_an_image_tag_that_looks_like_a_number_is_quoted(tag: str) -> None:
    both = environment({"web.image.tag": tag, "core_api.image.tag": tag})
    text = files(both, SHARED)["environments/test/values.yaml"]
    values = yaml.safe_load(text)
    assert values["global"]["imageTag"] == values["web"]["image"]["tag"] == values["coreApi"]["image"]["tag"] == tag
    assert f'imageTag: "{tag}"' in text or not tag[0].isdigit()
    assert text.count(f'tag: "{tag}"') == 2 or not tag[0].isdigit()


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ({"tag": "other"}, "other"),
        ({"tag": "1a2b3c4", "digest": f"sha256:{'0' * 64}"}, f"1a2b3c4@sha256:{'0' * 64}"),
        ({"digest": f"sha256:{'0' * 64}"}, NO_TAG),
    ],
)
def test_a_chart_with_one_tag_for_two_different_images_starts_neither(image: dict[str, str], tag: str) -> None:
    text = files(environment({"core_api.image": image}), SHARED)["environments/test/values.yaml"]
    values = yaml.safe_load(text)
    assert (values["web"]["image"]["tag"], values["coreApi"]["image"]["tag"]) == ("1a2b3c4", tag)
    assert values["global"]["imageTag"] == NO_COMMON_TAG


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "--out", "."], f"environment 'nowhere' is unknown; allowed: {', '.join(SETTINGS.names())}"),
        (["staging"], "one of the arguments --out --check --chart is required"),
        (["staging", "--check", "no/such/folder"], "'no/such/folder' is not a folder"),
        (["staging", "--out", "/dev/null"], "allowed: a folder that can be written"),
    ],
)
def test_unusable_input_is_refused_with_one_error_and_exit_code_2(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terraform_delivered_environment_gets_a_warning_that_its_files_are_unused(tmp_path: Path) -> None:
    assert (
        'staging has delivery="terraform": no Application reads these files yet'
        in run("staging", "--out", str(tmp_path)).stderr
    )


def compare(chart: Path) -> subprocess.CompletedProcess[str]:
    """Compare a chart for staging with the synthesized stack, which needs Node and a cache."""
    return run("staging", "--chart", str(chart), PATH=os.environ["PATH"], HOME=str(Path.home()))


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A copy of the tests' chart."""
    return Path(shutil.copytree(CHART, tmp_path / "chart"))


def spoil(chart: Path, template: str, old: str, new: str) -> None:
    file = chart / "templates" / template
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_chart_that_matches_terraform_is_accepted() -> None:
    done = compare(CHART)
    assert (done.returncode, done.stderr) == (0, "")
    assert "creates what Terraform creates for staging" in done.stdout


def test_a_chart_without_the_session_secret_is_refused_with_the_missing_value(chart: Path) -> None:
    file = chart / "templates" / "external-secrets.yaml"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if '"session-secret"' not in line))
    done = compare(chart)
    assert (done.returncode, done.stdout) == (1, "")
    _, _, required = done.stderr.partition("required:\n")
    needed = yaml.safe_load(required)
    assert needed["metadata"]["name"] == needed["spec"]["target"]["name"] == "session-secret"
    (item,) = needed["spec"]["data"]
    assert item["secretKey"] == item["remoteRef"]["property"] == "secret-key"
    assert item["remoteRef"]["key"] == "mosaic/staging/session/secret-key"


def test_each_field_that_differs_in_a_chart_is_reported(chart: Path) -> None:
    """One of each kind: another value, a missing field, an extra field, an extra object, another API version."""
    spoil(chart, "_helpers.tpl", "automountServiceAccountToken: false\n", "")
    spoil(chart, "migration.yaml", "backoffLimit: {{ .migrations.backoffLimit }}", "backoffLimit: 7")
    spoil(chart, "applications.yaml", "restartPolicy: Always", "restartPolicy: Always\n      hostNetwork: true")
    spoil(chart, "external-secrets.yaml", "external-secrets.io/v1", "external-secrets.io/v1beta1")
    (chart / "templates" / "more.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n")
    done = compare(chart)
    assert done.returncode == 1
    found = {line.removeprefix(f"{chart}: ") for line in done.stderr.splitlines()}
    job = f"Job {Names.of(SETTINGS.find('staging'), SHARED).migration_job}"
    assert {
        f"{job}.spec.backoffLimit: expected 2, found 7",
        f"{job}.spec.template.spec.automountServiceAccountToken: expected False, found nothing",
        "Deployment web.spec.template.spec.automountServiceAccountToken: expected False, found nothing",
        "Deployment core-api.spec.template.spec.automountServiceAccountToken: expected False, found nothing",
        "Deployment web.spec.template.spec.hostNetwork: expected nothing, found True",
        "Deployment core-api.spec.template.spec.hostNetwork: expected nothing, found True",
        "ConfigMap more: the chart has it, but Terraform does not",
        *(
            f"ExternalSecret {name}.apiVersion: expected 'external-secrets.io/v1', found 'external-secrets.io/v1beta1'"
            for name in (
                *("database-credentials", "session-secret", "google-oauth", "internal-api-token"),
                "neptune-connection",
            )
        ),
    } == found


def test_a_chart_with_one_tag_for_both_images_is_reported_if_they_differ(chart: Path) -> None:
    spoil(chart, "_helpers.tpl", ".application.image.tag", ".root.Values.global.imageTag")
    alike = environment()
    assert not missing_from_chart(chart, alike, SHARED, stack=_stack(chart.parent / "alike", alike))
    digest = f"sha256:{'0' * 64}"
    settings = environment({"core_api.image.digest": digest})
    problems = missing_from_chart(chart, settings, SHARED, stack=_stack(chart.parent / "stack", settings))
    image = f"{SHARED.image_registry}/mosaic-life/core-api:1a2b3c4@{digest}"
    assert any(
        problem.startswith("Deployment core-api.spec.template.spec.containers[0].image: ") and repr(image) in problem
        for problem in problems
    )
    assert not missing_from_chart(CHART, settings, SHARED, stack=_stack(chart.parent / "again", settings))


def _stack(folder: Path, settings: Environment) -> StackConfiguration:
    return synthesize_settings(folder, settings)


def test_a_chart_that_does_not_render_gives_helms_message(chart: Path) -> None:
    (chart / "templates" / "more.yaml").write_text('{{ fail "not like this" }}')
    done = compare(chart)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not like this" in done.stderr
    assert "Traceback" not in done.stderr


def _run_example(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it like GitHub, with this Python as pipenv's."""
    pipenv = folder / "bin" / "pipenv"
    pipenv.parent.mkdir()
    pipenv.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} "$@"\n', encoding="utf-8")
    pipenv.chmod(0o700)
    path = f"{pipenv.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", script.replace("--out gitops", f"--out {folder / 'gitops'}")],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("works", [True, False])
def test_the_example_workflow_writes_every_environment_or_fails(tmp_path: Path, works: bool) -> None:  # noqa: FBT001
    workflow = yaml.safe_load((ROOT / "docs" / "examples" / "gitops.yml").read_text(encoding="utf-8"))
    steps = {step.get("name"): step for step in workflow["jobs"]["pull-request"]["steps"]}
    script = steps["Write the files of every environment"]["run"]
    assert "SETTINGS" in script
    done = _run_example(script if works else script.replace("SETTINGS", "NO_SETTINGS"), tmp_path)
    assert (done.returncode == 0) is works, done.stderr
    written = {file.parent.name for file in tmp_path.rglob("values.yaml")}
    assert written == ({"base", *SETTINGS.names()} if works else set())


def test_the_example_workflow_passes_the_workflows_linter() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", ROOT / "docs" / "examples" / "gitops.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
