"""Where Terraform gets its providers from, against real folders, a real HTTP server and the real Terraform."""

import http.server
import json
import os
import subprocess
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from local.build.programs import Programs
from local.runtime.errors import LocalCloudError
from local.terraform.provider_installation import AWS, KUBERNETES, POSTGRESQL, PROVIDERS, ProviderInstallation, install
from local.terraform.provider_source import HOST, Mirror, Provider, Registry

PLATFORM = Mirror(Path("/")).package(AWS, "0").name
TOO_OLD, OLDEST, NEWER, TOO_NEW = "4.9.9", "5.100.0", "6.1.10", "7.0.0"


def unpacked(root: Path, provider: Provider, version: str) -> Path:
    """Put a version into a mirror as ``terraform init`` would find it unpacked."""
    package = Mirror(root).package(provider, version)
    package.mkdir(parents=True)
    program = package / f"{provider.program}_v{version}"
    program.write_text(f"{provider.address} {version}")
    program.chmod(0o755)
    return root


def packed(root: Path, provider: Provider, version: str, platform: str = PLATFORM) -> Path:
    """Put a version into a mirror as ``terraform providers mirror`` does."""
    folder = root / HOST / provider.address
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{provider.program}_{version}_{platform}.zip", "w") as archive:
        archive.writestr(f"{provider.program}_v{version}", version)
    return root


def complete(root: Path) -> Path:
    for provider in PROVIDERS:
        unpacked(root, provider, provider.version_text(provider.oldest))
    return root


class LocalRegistry(http.server.ThreadingHTTPServer):
    """An HTTP server on loopback that speaks the registry's list of versions."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.versions: dict[str, list[str]] = {}
        self.platform = PLATFORM
        self.asked: list[str] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: LocalRegistry

    def do_GET(self) -> None:
        address = self.path.removeprefix("/v1/providers/").removesuffix("/versions")
        self.server.asked.append(address)
        system, _, machine = self.server.platform.partition("_")
        versions = self.server.versions.get(address)
        body = {
            "versions": [
                {"version": version, "platforms": [{"os": system, "arch": machine}]} for version in versions or []
            ]
        }
        self.send_response(404 if self.server.status == 200 and not versions else self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that the library calls
        pass


@dataclass
class Run:
    """One call of install, with nothing of this machine but what a test gives it."""

    folder: Path
    cache: Path
    registry: LocalRegistry
    mirrors: list[Path] = field(default_factory=list)
    built: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    OFFICIAL: ClassVar = {
        "hashicorp/aws": [OLDEST],
        "hashicorp/kubernetes": ["2.38.0"],
        "cyrilgdn/postgresql": ["1.26.0"],
    }

    def __call__(self, cloud: Literal["aws", "local"] = "local") -> ProviderInstallation:
        return install(
            folder=self.folder,
            cloud=cloud,
            variables=self.variables,
            mirrors=self.mirrors,
            registry=Registry(self.registry.url),
            build=self.build,
        )

    def build(self, names: Sequence[str]) -> Programs:
        """Give the programs as the cache would hold them; what they do is not in question here."""
        self.built += names
        folder = self.cache / "built"
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).write_text(name)
            (folder / name).chmod(0o755)
        return Programs(
            etcd=folder / "etcd",
            kube_apiserver=folder / "kube-apiserver",
            kube_controller_manager=folder / "kube-controller-manager",
            kube_scheduler=folder / "kube-scheduler",
            kwok=folder / "kwok",
            external_secrets=folder / "external-secrets",
            terraform_provider_kubernetes=folder / "terraform-provider-kubernetes",
            terraform_provider_postgresql=folder / "terraform-provider-postgresql",
            crd_folder=folder,
            kwok_stages=(),
            versions={},
        )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("MOSAIC_CACHE", str(tmp_path / "cache"))
    state = tmp_path / "state"
    state.mkdir()
    with LocalRegistry() as registry:
        thread = threading.Thread(target=registry.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Run(folder=state, cache=tmp_path / "cache", registry=registry)
        registry.shutdown()
        thread.join()


def terraform_init(folder: Path, installation: ProviderInstallation) -> str:
    """Let the real Terraform install the three providers by the file; return its output."""
    required = {provider.type: {"source": provider.address, "version": provider.range} for provider in PROVIDERS}
    (folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
    finished = subprocess.run(
        ["terraform", "init", "-no-color"],
        cwd=folder,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(installation.configuration), "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_a_named_mirror_comes_first_and_nothing_asks_the_registry(run: Run, tmp_path: Path) -> None:
    named, implied = complete(tmp_path / "named"), complete(tmp_path / "implied")
    run.variables, run.mirrors = {"MOSAIC_PROVIDER_MIRROR": str(named)}, [implied]
    assert run().lines == (
        f"hashicorp/aws 5.100.0 from {named}",
        f"hashicorp/kubernetes 2.38.0 from {named}",
        f"cyrilgdn/postgresql 1.26.0 from {named}",
    )
    assert run.registry.asked == []
    assert run.built == []


def test_each_provider_comes_from_the_first_place_that_has_it(run: Run, tmp_path: Path) -> None:
    first, second = unpacked(tmp_path / "first", AWS, NEWER), complete(tmp_path / "second")
    run.mirrors = [tmp_path / "absent", first, second]
    lines = run().lines
    assert lines[0] == f"hashicorp/aws {NEWER} from {first}"
    assert lines[1] == f"hashicorp/kubernetes 2.38.0 from {second}"


def test_terraform_installs_what_the_file_says_from_packed_and_unpacked_mirrors_and_stand_ins(
    run: Run, tmp_path: Path
) -> None:
    run.mirrors = [unpacked(tmp_path / "unpacked ${x}", AWS, OLDEST), packed(tmp_path / "packed", POSTGRESQL, "1.26.0")]
    output = terraform_init(tmp_path, run())
    assert "Installed hashicorp/aws v5.100.0" in output
    assert "Installed hashicorp/kubernetes v2.38.0" in output
    assert "Installed cyrilgdn/postgresql v1.26.0" in output
    assert run.built == ["terraform-provider-kubernetes"]


def test_a_stack_changes_to_the_providers_that_are_found_now(run: Run, tmp_path: Path) -> None:
    run.mirrors = [unpacked(tmp_path / "aws", AWS, OLDEST)]
    stack = tmp_path / "stack"
    stack.mkdir()
    stand_ins = run()
    terraform_init(stack, stand_ins)
    assert stand_ins.forget_others(stack) == []
    run.mirrors.append(complete(tmp_path / "official"))
    official = run()
    assert official.forget_others(stack) == ["hashicorp/kubernetes", "cyrilgdn/postgresql"]
    terraform_init(stack, official)
    for provider in (KUBERNETES, POSTGRESQL):
        (program,) = (stack / ".terraform/providers" / HOST / provider.address).glob("*/*/*")
        assert program.read_text() == f"{provider.address} {provider.version_text(provider.oldest)}"
    run.mirrors, run.registry.versions = run.mirrors[:1], run.OFFICIAL
    assert run().forget_others(stack) == ["hashicorp/kubernetes", "cyrilgdn/postgresql"]


@pytest.mark.parametrize("layout", [packed, unpacked])
@pytest.mark.parametrize("version", [TOO_OLD, TOO_NEW, "6.0.0-beta1"])
def test_other_versions_are_passed_over_with_a_line(run: Run, tmp_path: Path, layout: object, version: str) -> None:
    assert callable(layout)
    old, good = layout(tmp_path / "old", AWS, version), complete(tmp_path / "good")
    run.mirrors = [old, good]
    assert run().lines[:2] == (
        f"hashicorp/aws {version} in {old} ignored: the stacks are tested with >= 5.100.0, < 7.0.0",
        f"hashicorp/aws 5.100.0 from {good}",
    )


def test_the_newest_version_of_the_range_is_told(run: Run, tmp_path: Path) -> None:
    mirror = complete(tmp_path / "mirror")
    for version in (TOO_OLD, "6.1.9", NEWER, TOO_NEW):
        packed(mirror, AWS, version)
    run.mirrors = [mirror]
    assert run().lines[0] == f"hashicorp/aws {NEWER} from {mirror}"


def test_another_platform_does_not_count(run: Run, tmp_path: Path) -> None:
    run.mirrors = [
        packed(tmp_path / "other", KUBERNETES, "2.38.0", platform="plan9_mips"),
        unpacked(tmp_path, AWS, OLDEST),
    ]
    assert "stand-in" in run().lines[1]


def test_the_registry_comes_before_the_stand_ins(run: Run) -> None:
    run.registry.versions = run.OFFICIAL
    installation = run()
    assert installation.lines == (
        "hashicorp/aws 5.100.0 from the registry",
        "hashicorp/kubernetes 2.38.0 from the registry",
        "cyrilgdn/postgresql 1.26.0 from the registry",
    )
    assert installation.configuration.read_text() == "provider_installation {\n  direct {\n    exclude = []\n  }\n}\n"
    assert run.built == []


def test_a_registry_without_this_platform_has_none(run: Run, tmp_path: Path) -> None:
    run.registry.versions, run.registry.platform = run.OFFICIAL, "plan9_mips"
    run.mirrors = [unpacked(tmp_path, AWS, OLDEST)]
    assert "stand-in" in run().lines[1]


@pytest.mark.parametrize("status", [403, 503])
def test_a_registry_that_refuses_is_asked_once(run: Run, tmp_path: Path, status: int) -> None:
    run.registry.status, run.registry.versions = status, run.OFFICIAL
    run.mirrors = [unpacked(tmp_path, AWS, OLDEST)]
    assert [line.partition(" from ")[2].partition(" (")[0] for line in run().lines[1:]] == ["the local stand-in"] * 2
    assert run.registry.asked == ["hashicorp/kubernetes"]


def test_a_registry_that_is_down_is_no_error_where_there_are_stand_ins(run: Run, tmp_path: Path) -> None:
    run.mirrors = [unpacked(tmp_path, AWS, OLDEST)]
    run.registry.shutdown()
    run.registry.server_close()
    assert "stand-in" in run().lines[1]


def test_stand_ins_only_when_asked_for(run: Run, tmp_path: Path) -> None:
    run.variables, run.mirrors = {"MOSAIC_PROVIDERS": "standin"}, [complete(tmp_path / "mirror")]
    lines = run().lines
    assert lines[0] == f"hashicorp/aws 5.100.0 from {tmp_path / 'mirror'}"
    assert lines[1] == "hashicorp/kubernetes 2.38.0 from the local stand-in (docs/provider-stand-ins.md)"
    assert lines[2] == "cyrilgdn/postgresql 1.26.0 from the local stand-in (docs/provider-stand-ins.md)"


def test_a_stand_in_is_replaced_only_by_another(run: Run) -> None:
    run.variables, run.registry.versions = {"MOSAIC_PROVIDERS": "standin"}, run.OFFICIAL
    run()
    (placed,) = (run.cache / "provider-stand-ins").rglob("terraform-provider-kubernetes_v2.38.0")
    assert os.access(placed, os.X_OK)
    before = placed.stat().st_ino
    run()
    assert placed.stat().st_ino == before
    placed.write_text("half written")
    run()
    assert placed.read_text() == "terraform-provider-kubernetes"
    assert [file.name for file in placed.parent.iterdir()] == [placed.name]


def test_official_mode_takes_no_stand_in(run: Run, tmp_path: Path) -> None:
    run.variables, run.mirrors = {"MOSAIC_PROVIDERS": "official"}, [unpacked(tmp_path, AWS, OLDEST)]
    with pytest.raises(
        LocalCloudError, match=r"No usable hashicorp/kubernetes \(>= 2\.38\.0, < 3\.0\.0\); cyrilgdn/postg"
    ):
        run()
    assert run.built == []


def test_aws_takes_no_stand_in(run: Run, tmp_path: Path) -> None:
    run.mirrors = [unpacked(tmp_path, AWS, OLDEST)]
    with pytest.raises(LocalCloudError, match="No usable hashicorp/kubernetes"):
        run("aws")
    run.variables = {"MOSAIC_PROVIDERS": "standin"}
    with pytest.raises(LocalCloudError, match="the stand-ins serve the local cloud only, not MOSAIC_CLOUD=aws"):
        run("aws")
    assert run.built == []


def test_the_aws_provider_has_no_stand_in(run: Run, tmp_path: Path) -> None:
    run.registry.status = 403
    run.mirrors = [packed(tmp_path / "old", AWS, TOO_OLD)]
    with pytest.raises(
        LocalCloudError, match=r"the registry \(it answered 403\)\. hashicorp/aws 4\.9\.9 in \S+ ignored"
    ):
        run()


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("MOSAIC_PROVIDERS", "both", "MOSAIC_PROVIDERS=both: must be one of auto, official, standin"),
        ("MOSAIC_PROVIDER_MIRROR", "relative", "must be the absolute path of an existing folder"),
        ("MOSAIC_PROVIDER_MIRROR", "/nowhere/at/all", "must be the absolute path of an existing folder"),
    ],
)
def test_bad_variables_are_named(run: Run, variable: str, value: str, message: str) -> None:
    run.variables = {variable: value}
    with pytest.raises(LocalCloudError, match=message):
        run()


def test_a_named_mirror_without_any_provider_is_an_error(run: Run, tmp_path: Path) -> None:
    run.variables = {"MOSAIC_PROVIDER_MIRROR": str(tmp_path)}
    with pytest.raises(LocalCloudError, match=r"has none of hashicorp/aws, .*`terraform providers mirror"):
        run()
    assert not (run.folder / "terraform.rc").exists()


def test_empty_variables_are_as_absent_ones(run: Run, tmp_path: Path) -> None:
    run.variables, run.mirrors = {"MOSAIC_PROVIDERS": "", "MOSAIC_PROVIDER_MIRROR": ""}, [complete(tmp_path / "mirror")]
    assert len(run().lines) == len(PROVIDERS)


def test_a_failed_search_leaves_the_last_file(run: Run, tmp_path: Path) -> None:
    run.mirrors = [complete(tmp_path / "mirror")]
    configuration = run().configuration
    before = configuration.read_text()
    run.variables = {"MOSAIC_PROVIDERS": "none"}
    with pytest.raises(LocalCloudError):
        run()
    assert configuration.read_text() == before
    assert [file.name for file in run.folder.iterdir()] == [configuration.name]
