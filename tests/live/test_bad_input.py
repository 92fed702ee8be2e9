"""Bad input gets a clear error of ours with what was given, where, and what is allowed; nothing fails late."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, reject, settings
from hypothesis import strategies as st
from lightkube.models.core_v1 import ResourceQuotaSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.networking_v1 import (
    HTTPIngressPath,
    HTTPIngressRuleValue,
    IngressBackend,
    IngressRule,
    IngressServiceBackend,
    IngressSpec,
    ServiceBackendPort,
)
from lightkube.resources.core_v1 import Namespace, ResourceQuota
from lightkube.resources.networking_v1 import Ingress
from pydantic import TypeAdapter, ValidationError

from environments.schema.catalogue import Catalogue
from environments.schema.formats import EnvironmentName, Host, Memory, Quantity, parse_quantity
from environments.schema.rules import SettingsError
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live.project import Project

pytestmark = pytest.mark.promise("Bad input")
# Each field of staging's file with invalid values.
NOT_A_NUMBER: Sequence[object] = ("1", 1.5, None, True, [], "one")
BAD_FIELDS: dict[str, tuple[str, Sequence[object]]] = {
    "Environment.name": ('name="staging"', ["Staging", "", "a_b", "-a", "a--b", "ü", 1, None]),
    "Environment.stage": ('stage="staging"', ["", "A", "1st", "a" * 64, 7]),
    "Environment.branch": ('branch="develop"', ["", "-x", "a b", "${var}", "b" * 300, None]),
    "Image.tag": (f'tag="{SETTINGS.find("staging").web.image.tag}"', ["latest", "", "a b", "sha256:12", "x" * 129, 3]),
    "Workload.replicas": ("replicas=1,\n        ingress_order=110", [0, -1, 1001, *NOT_A_NUMBER]),
    "Workload.ingress_order": ("ingress_order=110", [0, 1001, *NOT_A_NUMBER]),
    "Workload.hosts.0": ('"stage.mosaiclife.me"', ["mosaiclife", "A.mosaiclife.me", "*.mosaiclife.me", "a..b", "", 1]),
    "Session.cookie_name": ('cookie_name="mosaic_session_stage"', ["", "a b", "a;b", "c" * 65, None]),
    "Backups.expire_after": ("expire_after=30", [0, -5, 3651, *NOT_A_NUMBER]),
    "Quota.cpu_requests": ('cpu_requests="2"', ["0", "-1", "two", "1.0001", "10E", "1mi", 2, None]),
    "Quota.memory_limits": ('memory_limits="8Gi"', ["0Gi", "8gb", "250m", "0.5", "8Ei", "", 8]),
    "Quota.pods": ("pods=20", [0, 1001, *NOT_A_NUMBER]),
}
STAGING = (SETTINGS.folder / "staging.py").read_text()
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@pytest.fixture(scope="module")
def copy(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project whose environments the tests corrupt."""
    return project.copy(tmp_path_factory.mktemp("bad-input") / "copy", {})


def spoilt(field: str, value: object) -> str:
    """Return staging's file with another value for one field."""
    text, _ = BAD_FIELDS[field]
    name = field.partition(".")[2].partition(".")[0]
    other = repr(value) if name == "hosts" else f"{name}={value!r}"
    rest = text.partition(",")[2]
    return STAGING.replace(text, f"{other},{rest}" if rest else other, 1)


@st.composite
def _bad_files(draw: st.DrawFn) -> tuple[str, object, str]:
    field = draw(st.sampled_from(sorted(BAD_FIELDS)))
    value = draw(st.sampled_from(list(BAD_FIELDS[field][1])))
    return field, value, spoilt(field, value)


@given(bad=_bad_files())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_the_command_names_a_bad_value_in_an_environments_file(copy: Project, bad: tuple[str, object, str]) -> None:
    field, value, text = bad
    (copy.root / "environments" / "staging.py").write_text(text)
    done = copy.run(sys.executable, "-m", "delivery", "plan", "staging").expect(2)
    assert "Traceback" not in done.output
    assert any(
        line.startswith(f"error: environments/staging.py: {field}: ") and repr(value) in line
        for line in done.output.splitlines()
    ), done.output


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, (_, bad) in BAD_FIELDS.items() for value in bad]
)
def test_the_error_for_a_bad_value_names_the_field_and_what_is_allowed(
    tmp_path: Path, field: str, value: object
) -> None:
    (tmp_path / "staging.py").write_text(spoilt(field, value))
    with pytest.raises(SettingsError) as refused:
        Catalogue(tmp_path).load()
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{tmp_path.name}/staging.py: {field}: ")
    assert repr(value) in line
    assert re.search(r"allowed|should (be|have|match)|one of", line), line


@given(content=st.binary(max_size=200) | WORDS.map(str.encode))
@example(content=b"raise SystemExit(0)")
@example(content=b"import sys; sys.exit('two\\nlines')")
@example(content=b"ENVIRONMENT = ENVIRONMENT")
@example(content=b"\xff\xfe")
@example(content=b"\0")
@settings(suppress_health_check=list(HealthCheck))
def test_any_bad_content_of_an_environments_file_gives_a_one_line_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.py").write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        Catalogue(tmp_path).load()
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{tmp_path.name}/odd.py: ")


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "main.py"),
        ("node_modules/.bin/cdktf", "synth"),
        (sys.executable, "-m", "delivery", "verify", "staging"),
    ],
    ids=["main.py", "cdktf synth", "verify"],
)
def test_every_entry_point_reports_a_bad_setting_without_a_traceback(copy: Project, command: tuple[str, ...]) -> None:
    (copy.root / "environments" / "staging.py").write_text(STAGING.replace("replicas=1", "replicas=0", 1))
    done = copy.run(*command, environment="staging")
    assert done.code in (1, 2)
    assert (
        "environments/staging.py: Workload.replicas: Input should be greater than or equal to 1 (given: 0)"
        in " ".join(done.output.split())
    )
    assert "Traceback" not in done.output


@example(cpu="1.1Pi")
@example(cpu="250m")
@given(cpu=st.from_regex(r"[0-9]{0,3}(\.[0-9]{1,4})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?", fullmatch=True))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_the_api_server_keeps_every_quantity_that_the_settings_accept(project: Project, cpu: str) -> None:
    """The API server keeps every quantity that the settings accept; it neither refuses nor rounds it."""
    formats = ((Quantity, "cpu"), (Memory, "memory"))
    resources = [resource for accepted, resource in formats if _accepts(accepted, cpu)]
    assume(resources)
    for resource in resources:
        hard = {f"requests.{resource}": cpu}
        kept = project.kubernetes.create(
            ResourceQuota(metadata=ObjectMeta(name="odd", namespace="default"), spec=ResourceQuotaSpec(hard=hard)),
            dry_run=True,
        )
        assert kept.spec is not None
        assert kept.spec.hard is not None
        assert parse_quantity(kept.spec.hard[f"requests.{resource}"]) == parse_quantity(cpu)


@given(host=st.from_regex(r"[a-z0-9.*-]{1,70}\.mosaiclife\.me", fullmatch=True))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_the_api_server_accepts_every_host_that_the_settings_accept(project: Project, host: str) -> None:
    assume(_accepts(Host, host))
    backend = IngressBackend(service=IngressServiceBackend(name="web", port=ServiceBackendPort(number=80)))
    rule = IngressRule(
        host=host, http=HTTPIngressRuleValue(paths=[HTTPIngressPath(pathType="Prefix", path="/", backend=backend)])
    )
    project.kubernetes.create(
        Ingress(metadata=ObjectMeta(name="odd", namespace="default"), spec=IngressSpec(rules=[rule])), dry_run=True
    )


@given(name=st.from_regex(r"[a-z0-9-]{1,60}", fullmatch=True))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_the_api_server_accepts_every_environment_name_that_the_settings_accept(project: Project, name: str) -> None:
    staging = SETTINGS.find("staging")
    try:
        names = Names.of(
            staging.model_copy(update={"name": TypeAdapter(EnvironmentName).validate_python(name)}), SHARED
        )
    except ValueError:
        reject()
    labels = {"environment": name, "app.kubernetes.io/instance": names.instance}
    project.kubernetes.create(Namespace(metadata=ObjectMeta(name=names.namespace, labels=labels)), dry_run=True)


def _accepts(accepted: Any, value: str) -> bool:  # noqa: ANN401 an annotated type
    try:
        TypeAdapter(accepted).validate_python(value)
    except ValidationError:
        return False
    return True
