"""The fast provider loading, with the real packages, the real jsii kernel and real processes."""

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from fast_synth.packages.artifact_cache import ArtifactCache
from fast_synth.packages.imported_resources import imported_resources
from fast_synth.packages.slim_assembly import Assembly, slim_assembly
from tests.conftest import synthesize
from tests.unit.fast_synth.programs import APPLICATION, fail, files, start, succeed


def site_packages(package: str) -> Path:
    found = PathFinder.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(next(iter(found.submodule_search_locations)))


POSTGRESQL = Assembly.of_package(site_packages("cdktf_cdktf_provider_postgresql"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for this process and its children."""
    monkeypatch.setenv("MOSAIC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bindings"


def copy_of(assembly: Assembly, *resources: str) -> Path:
    return slim_assembly(assembly, frozenset(resources), ArtifactCache.of_user("anything"))


def assert_sound(cache: Path) -> None:
    """Check that each file in the cache has the digest of its content: no damaged files, no leftovers."""
    names = {path.stem: path for path in cache.glob("*/*")}
    assert names
    assert {digest: hashlib.sha256(path.read_bytes()).hexdigest() for digest, path in names.items()} == {
        digest: digest for digest in names
    }


@pytest.mark.long
def test_the_whole_project_synthesizes_the_same_bytes_without_it(aws_stacks: Path, tmp_path: Path) -> None:
    assert files(synthesize(tmp_path, {"MOSAIC_BINDINGS": "full"})) == files(aws_stacks)


@pytest.mark.usefixtures("cache")
def test_cold_and_warm_runs_write_the_same_bytes_as_a_full_one(tmp_path: Path) -> None:
    for run in ("cold", "warm"):
        succeed(start(APPLICATION, str(tmp_path / run)))
    succeed(start(APPLICATION, str(tmp_path / "full"), MOSAIC_BINDINGS="full"))
    assert files(tmp_path / "cold") == files(tmp_path / "warm") == files(tmp_path / "full")


def test_processes_started_at_once_on_an_empty_cache_all_succeed(tmp_path: Path, cache: Path) -> None:
    processes = [start(APPLICATION, str(tmp_path / name)) for name in ("first", "second", "third")]
    for process in processes:
        succeed(process)
    assert files(tmp_path / "first") == files(tmp_path / "second") == files(tmp_path / "third")
    assert_sound(cache)


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"\0" + content[1:], lambda _: b""])
def test_damaged_files_are_rebuilt(damage: Callable[[bytes], bytes], tmp_path: Path, cache: Path) -> None:
    succeed(start(APPLICATION, str(tmp_path / "before")))
    kinds = {path.suffix for path in cache.glob("*/*")}
    for path in cache.glob("*/*"):
        path.write_bytes(damage(path.read_bytes()))
    succeed(start(APPLICATION, str(tmp_path / "after")))
    assert kinds == {".code", ".tgz"}
    assert files(tmp_path / "after") == files(tmp_path / "before")
    assert_sound(cache)


def test_an_intact_copy_is_reused(cache: Path) -> None:
    copy = copy_of(POSTGRESQL, "role")
    before = copy.stat()
    assert copy_of(POSTGRESQL, "role") == copy
    assert copy.stat() == before
    assert copy.parent.parent == cache


def test_by_default_the_cache_is_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOSAIC_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert ArtifactCache.of_user("name") == ArtifactCache(tmp_path / "name" / "bindings")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert ArtifactCache.of_user("name") == ArtifactCache(Path.home() / ".cache" / "name" / "bindings")


@pytest.mark.usefixtures("cache")
def test_a_different_set_of_resources_gets_its_own_copy() -> None:
    assert copy_of(POSTGRESQL, "role") != copy_of(POSTGRESQL, "role", "grant")


@pytest.mark.usefixtures("cache")
def test_a_different_version_gets_its_own_copy(tmp_path: Path) -> None:
    package = tmp_path / "cdktf_cdktf_provider_postgresql"
    (package / "_jsii").mkdir(parents=True)
    (package / "role").symlink_to(POSTGRESQL.package_folder / "role")
    (package / "_jsii" / "provider-postgresql@99.0.0.jsii.tgz").symlink_to(POSTGRESQL.tarball)
    assembly = Assembly.of_package(package)
    assert (assembly.name, assembly.version) == ("@cdktf/provider-postgresql", "99.0.0")
    assert copy_of(assembly, "role") != copy_of(POSTGRESQL, "role")


@pytest.mark.usefixtures("cache")
def test_a_copy_contains_only_the_named_resources() -> None:
    with tarfile.open(copy_of(POSTGRESQL, "grant_role", "role")) as archive:
        assert set(archive.getnames()) == {
            "package/.jsii",
            "package/package.json",
            "package/lib/index.js",
            "package/lib/grant-role/index.js",
            "package/lib/role/index.js",
        }


@pytest.mark.usefixtures("cache")
def test_a_provider_comes_with_the_declarations_of_its_functions(tmp_path: Path) -> None:
    """As in newer bindings, where the provider requires that script."""
    folders = {"provider": "provider", "provider_functions": "provider-functions", "role": "role"}
    types = {name: f"@cdktf/provider-x.{name}.Type" for name in folders}
    for name, type_ in types.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f'jsii_type="{type_}"')
    submodules = {f"@cdktf/provider-x.{name}": {"symbolId": f"lib/{it}/index:"} for name, it in folders.items()}
    manifest = {
        "submodules": submodules,
        "types": {type_: {"kind": "class"} for type_ in types.values()},
        "version": "1",
    }
    files = {".jsii": json.dumps(manifest, indent=2), **{f"lib/{it}/index.js": "" for it in folders.values()}}
    (tmp_path / "_jsii").mkdir()
    with tarfile.open(tmp_path / "_jsii" / "provider-x@1.0.0.jsii.tgz", "w:gz") as archive:
        for name, text in files.items():
            (tmp_path / "file").write_text(text)
            archive.add(tmp_path / "file", f"package/{name}")
    with tarfile.open(copy_of(Assembly.of_package(tmp_path), "provider")) as archive:
        scripts = {name for name in archive.getnames() if "/lib/" in name}
    assert scripts == {f"package/lib/{it}" for it in ("index.js", "provider/index.js", "provider-functions/index.js")}


@pytest.mark.usefixtures("cache")
def test_a_resource_with_a_different_npm_spelling_is_found() -> None:
    aws = Assembly.of_package(site_packages("cdktf_cdktf_provider_aws"))
    with tarfile.open(copy_of(aws, "route53_domains_domain")) as archive:
        assert "package/lib/route53domains-domain/index.js" in archive.getnames()


@pytest.mark.usefixtures("cache")
def test_a_resource_missing_from_the_provider_is_reported() -> None:
    with pytest.raises(ValueError, match=r"cdktf_cdktf_provider_postgresql 12\.1\.1 has no resource 'table'"):
        copy_of(POSTGRESQL, "table")


def test_a_package_without_an_assembly_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"expected one .*in {tmp_path}/_jsii, found 0"):
        Assembly.of_package(tmp_path)


@pytest.mark.usefixtures("cache")
def test_an_assembly_in_another_layout_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "cdktf_cdktf_provider_postgresql"
    (package / "_jsii").mkdir(parents=True)
    (package / "role").symlink_to(POSTGRESQL.package_folder / "role")
    (tmp_path / "manifest").write_text('{"types":{}}')
    with tarfile.open(package / "_jsii" / "provider-postgresql@12.1.1.jsii.tgz", "w:gz") as archive:
        archive.add(tmp_path / "manifest", "package/.jsii")
    with pytest.raises(ValueError, match=r"12\.1\.1\.jsii\.tgz is not laid out as expected.*MOSAIC_BINDINGS=full"):
        copy_of(Assembly.of_package(package), "role")


def test_a_resource_imported_by_no_module_is_reported() -> None:
    errors = fail(start("import modules.base.bindings, cdktf_cdktf_provider_postgresql.schema"))
    assert "ImportError: cdktf_cdktf_provider_postgresql.schema is not loaded: only the resources that files" in errors
    assert "MOSAIC_BINDINGS=full" in errors


def test_every_form_of_importing_a_resource_is_found(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "first.py").write_text(
        "from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket\n"
        "from cdktf_cdktf_provider_aws import (\n    iam_role,  # a comment\n    provider as aws,\n)\n"
    )
    (tmp_path / "folder" / "second.py").write_text(
        "def later():\n    import cdktf_cdktf_provider_kubernetes.manifest as manifest\n"
        "'from cdktf_cdktf_provider_aws import in_a_string'\nimport cdktf, other.cdktf_cdktf_provider_aws.x\n"
    )
    assert imported_resources(tmp_path) == {
        "cdktf_cdktf_provider_aws": {"s3_bucket", "iam_role", "provider"},
        "cdktf_cdktf_provider_kubernetes": {"manifest"},
    }


def test_installed_packages_are_not_changed(tmp_path: Path, cache: Path) -> None:
    def state() -> Iterator[tuple[Path, int, int]]:
        for package in ("constructs", "cdktf", "cdktf_cdktf_provider_postgresql", "jsii"):
            for path in site_packages(package).rglob("*"):
                yield path, path.stat().st_mtime_ns, path.stat().st_size

    before = sorted(state())
    succeed(start(APPLICATION, str(tmp_path / "out"), PYTHONDONTWRITEBYTECODE=""))
    assert sorted(state()) == before
    assert_sound(cache)


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    succeed(start(APPLICATION, str(tmp_path / "out"), TMPDIR=str(temporary)))
    assert list(temporary.iterdir()) == []


def test_modules_that_do_not_import_cdktf_start_no_kernel() -> None:
    succeed(
        start(
            "import modules.base.bindings, environments.schema.catalogue, modules.model.names",
            JSII_NODE="/nowhere/node",
        )
    )


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("MOSAIC_BINDINGS", "fast", "MOSAIC_BINDINGS is 'fast'; allowed are 'slim' (the default) and 'full'"),
        ("MOSAIC_CACHE", "here", "MOSAIC_CACHE is 'here'; an absolute path is needed"),
    ],
)
def test_a_wrong_variable_is_refused(variable: str, value: str, complaint: str) -> None:
    assert complaint in fail(start("import modules.base.bindings, cdktf", **{variable: value}))
