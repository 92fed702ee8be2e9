"""The fast loading of the providers, against the real packages, the real jsii kernel and real processes."""

import hashlib
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from modules.bindings.assembly_copy import Assembly, assembly_copy
from modules.bindings.imported_resources import imported_resources
from tests.conftest import ROOT, synthesize

# Writes a stack to the folder that is its argument. Of the three providers PostgreSQL's is the smallest by far.
APPLICATION = """
import sys
import modules.bindings
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_postgresql.provider import PostgresqlProvider
from cdktf_cdktf_provider_postgresql.role import Role

app = App(outdir=sys.argv[1])
stack = TerraformStack(app, "stack")
PostgresqlProvider(stack, "postgresql", host="localhost", superuser=False)
Role(stack, "role", name="core", login=True, roles=["reader"])
app.synth()
"""

# What is told of constructs without asking the kernel, or sent to it ahead of time; it prints what it was told.
CONSTRUCTS = """
import sys
import modules.bindings
import jsii
from cdktf import App, Aspects, Fn, IAspect, TerraformOutput, TerraformResource, TerraformStack
from cdktf_cdktf_provider_postgresql.database import Database
from cdktf_cdktf_provider_postgresql.provider import PostgresqlProvider
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct, ConstructOrder
from modules.terraform import ReadableStack

@jsii.implements(IAspect)
class Overriding:
    def visit(self, node):
        if isinstance(node, Role):
            node.add_override("connection_limit", len(node.node.path))

def told(construct):
    node = construct.node
    print(node.path, node.id, [child.node.path for child in node.children], node.scope is stack, node.root is app)

app = App(outdir=sys.argv[1])
stack = ReadableStack(app, "stack")
PostgresqlProvider(stack, "postgresql", host="localhost")
part = Construct(stack, "part")
roles = [Role(part, id_, name="core") for id_ in ("resource", "reader", "with/slash", "given", "taken-back")]
roles[3].override_logical_id("by_hand")
roles[4].override_logical_id("by_hand")
roles[4].reset_override_logical_id()
output = TerraformOutput(part, "output", value=roles[0].name)
output.override_logical_id("out")
for construct in (app, stack, part, *roles):
    told(construct)
any_type = [TerraformResource(part, id_, terraform_resource_type=f"any_{id_}") for id_ in ("first", "second")]
for resource in (*roles, *any_type):
    print(resource.terraform_resource_type, resource.friendly_unique_id, resource.fqn != "")
    print(resource.depends_on, TerraformStack.of(resource) is stack)

# What is asked of the second of a kind is known from the first.
databases = [Database(part, f"of-{role.node.id}", name=f"{role.name}-{role.id}", owner=role.name) for role in roles]
for resource in any_type:
    TerraformOutput(part, f"of-{resource.node.id}", value=resource.get_string_attribute("id"))
other = TerraformStack(app, "other")
PostgresqlProvider(other, "postgresql", host="localhost")
for id_ in ("first", "second"):
    Database(other, f"database-{id_}", name=Fn.join("-", [Role(other, id_, name=id_).name]), lc_collate="1e-7 }${x}")

databases[0].depends_on = ["postgresql_role.part_reader"]
databases[0].depends_on = [*databases[0].depends_on, databases[1].fqn]
print(databases[0].depends_on[0], len(databases[0].depends_on), databases[2].depends_on)
print(TerraformStack.of(part) is stack, TerraformStack.of(other) is other)

def all_paths(construct, *order):
    print([found.node.path for found in construct.node.find_all(*order)])

all_paths(part)
all_paths(app, ConstructOrder.POSTORDER)
below = Construct(part, "below")
print(Construct(below, "with/slash").node.path)
all_paths(below)
emptied = Construct(part, "emptied")
dependent = Role(emptied, "dependent", name="gone", depends_on=[roles[0]])
print(len(dependent.depends_on), emptied.node.try_remove_child("dependent"))
all_paths(emptied)
# From here on the kernel may ask Python at any time.
Aspects.of(stack).add(Overriding())
Role(part, "later", name="later", roles=[roles[1].name], depends_on=[roles[0]])
app.synth()
"""

# Resolves values, some with tokens in them, and prints what comes of it; {} stands for a list of them.
VALUES = """
import re
import sys
import modules.bindings
from cdktf import App, DefaultTokenResolver, StringConcat, TerraformStack, Token, Tokenization
from cdktf_cdktf_provider_postgresql.role import Role

def nested(depth):
    return {{"key": nested(depth - 1)}} if depth else "value"

app = App(outdir=sys.argv[1])
for name in ("stack", "a+stack"):
    stack = TerraformStack(app, name)
    role = Role(stack, "role", name="core")
    for value in [{}]:
        try:
            print(Tokenization.resolve(value, scope=stack, resolver=DefaultTokenResolver(StringConcat())))
        except RuntimeError as error:
            print(re.sub(r"TfToken\\[[^]]*]", "TfToken[]", str(error)))  # a token's name is another
"""


def site_packages(package: str) -> Path:
    found = PathFinder.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(next(iter(found.submodule_search_locations)))


POSTGRESQL = Assembly.of_package(site_packages("cdktf_cdktf_provider_postgresql"))


def start(code: str, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "MOSAIC_BINDINGS": "slim", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
        | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def succeed(process: "subprocess.Popen[str]") -> None:
    output, errors = process.communicate()
    assert (process.returncode, output, errors) == (0, "", "")


def fail(process: "subprocess.Popen[str]") -> str:
    _, errors = process.communicate()
    assert process.returncode == 1
    return errors


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, for this process and for those that it starts."""
    monkeypatch.setenv("MOSAIC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bindings"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_sound(cache: Path) -> None:
    """Every file of the cache carries the digest of its content: none is damaged, none is a leftover."""
    names = {path.stem: path for path in cache.glob("*/*")}
    assert names
    assert {digest: hashlib.sha256(path.read_bytes()).hexdigest() for digest, path in names.items()} == {
        digest: digest for digest in names
    }


def test_the_whole_project_synthesizes_the_same_bytes_without_it(aws_stacks: Path, tmp_path: Path) -> None:
    assert files(synthesize(tmp_path, {"MOSAIC_BINDINGS": "full"})) == files(aws_stacks)


@pytest.mark.usefixtures("cache")
def test_a_cold_and_a_warm_run_write_the_same_bytes_as_a_full_one(tmp_path: Path) -> None:
    for run in ("cold", "warm"):
        succeed(start(APPLICATION, str(tmp_path / run)))
    succeed(start(APPLICATION, str(tmp_path / "full"), MOSAIC_BINDINGS="full"))
    assert files(tmp_path / "cold") == files(tmp_path / "warm") == files(tmp_path / "full")


def test_constructs_are_told_of_as_the_kernel_would(tmp_path: Path) -> None:
    told = {}
    for mode in ("slim", "full"):
        process = start(CONSTRUCTS, str(tmp_path / mode), MOSAIC_BINDINGS=mode)
        told[mode] = (*process.communicate(), process.returncode)
    assert told["slim"] == told["full"]
    assert "stack/part/reader reader []" in told["slim"][0]
    assert "postgresql_role part_reader True" in told["slim"][0]
    assert "any_second part_second True" in told["slim"][0]
    assert "postgresql_role.part_reader 2 None" in told["slim"][0]
    assert files(tmp_path / "slim") == files(tmp_path / "full")


@pytest.mark.parametrize(
    "value",
    [
        "role.name",
        "'a ' + role.name + ' and ' + role.id",
        "[role.name, None, 'plain', ['${var.x}', '}', '1e-7', '-1e308', 'a-e-b']]",
        "{role.name: {'nested': [role.roles, {'deeper': role.login}]}, 'plain': None, 'empty': {}, 'none': []}",
        "['plain', None, {'name': None, 'other': [None, 1]}, 2]",
        "Token.as_list(role.roles), [*Token.as_list(role.roles), 'another'], ['String Map Token Value']",
        "Token.as_number(role.get_number_attribute('connection_limit')), -1, -123456789, 1.5, -1e308, True",
        "Token.as_string_map(role.get_string_map_attribute('x')), {'a': 'Any Map Token Value'}",
        "'TfToken[unknown]', '${TfToken[TOKEN.999]}', {'${TfToken[TOKEN.999]}': 1}",
        "nested(99), nested(101), [nested(150)]",
    ],
)
def test_values_are_resolved_as_by_cdktf_itself(value: str, tmp_path: Path) -> None:
    slim, full = (start(VALUES.format(value), str(tmp_path / mode), MOSAIC_BINDINGS=mode) for mode in ("slim", "full"))
    told = full.communicate()
    assert (slim.communicate(), slim.wait()) == (told, full.wait())
    assert (full.wait(), told[1]) == (0, "")


def test_two_elements_that_would_get_one_name_are_refused(tmp_path: Path) -> None:
    wrong = CONSTRUCTS.replace("app.synth()", 'Role(part, "a-b", name="a")\nRole(part, "a_b", name="b")\napp.synth()')
    assert "stack/part/a_b and stack/part/a-b would both be Role 'part_a_b'" in fail(start(wrong, str(tmp_path)))


def test_an_error_is_seen_of_a_program_that_never_synthesizes(tmp_path: Path) -> None:
    unfinished = APPLICATION.replace("app.synth()", 'Role(stack, "role", name="twice")')
    _, errors = start(unfinished, str(tmp_path)).communicate()
    assert "There is already a Construct with name 'role' in TerraformStack" in errors


def test_processes_that_start_at_once_on_an_empty_cache_all_succeed(tmp_path: Path, cache: Path) -> None:
    processes = [start(APPLICATION, str(tmp_path / name)) for name in ("first", "second", "third")]
    for process in processes:
        succeed(process)
    assert files(tmp_path / "first") == files(tmp_path / "second") == files(tmp_path / "third")
    assert_sound(cache)


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"\0" + content[1:], lambda _: b""])
def test_damaged_files_are_built_again(damage: Callable[[bytes], bytes], tmp_path: Path, cache: Path) -> None:
    succeed(start(APPLICATION, str(tmp_path / "before")))
    kinds = {path.suffix for path in cache.glob("*/*")}
    for path in cache.glob("*/*"):
        path.write_bytes(damage(path.read_bytes()))
    succeed(start(APPLICATION, str(tmp_path / "after")))
    assert kinds == {".code", ".tgz"}
    assert files(tmp_path / "after") == files(tmp_path / "before")
    assert_sound(cache)


def test_a_sound_copy_is_used_again(cache: Path) -> None:
    copy = assembly_copy(POSTGRESQL, frozenset({"role"}))
    before = copy.stat()
    assert assembly_copy(POSTGRESQL, frozenset({"role"})) == copy
    assert copy.stat() == before
    assert copy.parent.parent == cache


@pytest.mark.usefixtures("cache")
def test_another_set_of_resources_gets_another_copy() -> None:
    assert assembly_copy(POSTGRESQL, frozenset({"role"})) != assembly_copy(POSTGRESQL, frozenset({"role", "grant"}))


@pytest.mark.usefixtures("cache")
def test_another_version_gets_another_copy(tmp_path: Path) -> None:
    package = tmp_path / "cdktf_cdktf_provider_postgresql"
    (package / "_jsii").mkdir(parents=True)
    (package / "role").symlink_to(POSTGRESQL.package_folder / "role")
    (package / "_jsii" / "provider-postgresql@99.0.0.jsii.tgz").symlink_to(POSTGRESQL.tarball)
    assembly = Assembly.of_package(package)
    assert (assembly.name, assembly.version) == ("@cdktf/provider-postgresql", "99.0.0")
    assert assembly_copy(assembly, frozenset({"role"})) != assembly_copy(POSTGRESQL, frozenset({"role"}))


@pytest.mark.usefixtures("cache")
def test_a_copy_holds_the_named_resources_and_nothing_else() -> None:
    with tarfile.open(assembly_copy(POSTGRESQL, frozenset({"grant_role", "role"}))) as archive:
        assert set(archive.getnames()) == {
            "package/.jsii",
            "package/package.json",
            "package/lib/index.js",
            "package/lib/grant-role/index.js",
            "package/lib/role/index.js",
        }


@pytest.mark.usefixtures("cache")
def test_a_resource_whose_npm_name_is_spelled_otherwise_is_found() -> None:
    aws = Assembly.of_package(site_packages("cdktf_cdktf_provider_aws"))
    with tarfile.open(assembly_copy(aws, frozenset({"route53_domains_domain"}))) as archive:
        assert "package/lib/route53domains-domain/index.js" in archive.getnames()


@pytest.mark.usefixtures("cache")
def test_a_resource_that_the_provider_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match=r"cdktf_cdktf_provider_postgresql 12\.1\.1 has no resource 'table'"):
        assembly_copy(POSTGRESQL, frozenset({"table"}))


def test_a_package_without_an_assembly_is_named(tmp_path: Path) -> None:
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
        assembly_copy(Assembly.of_package(package), frozenset({"role"}))


def test_a_resource_that_no_module_imports_is_named() -> None:
    errors = fail(start("import modules.bindings, cdktf_cdktf_provider_postgresql.schema"))
    assert "ImportError: cdktf_cdktf_provider_postgresql.schema is not among the bindings of this project" in errors
    assert "MOSAIC_BINDINGS=full" in errors


def test_every_way_to_import_a_resource_is_seen(tmp_path: Path) -> None:
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


def test_what_is_installed_stays_as_it_is(tmp_path: Path, cache: Path) -> None:
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


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [("name=5", "Key 'name'"), ("login='yes'", "Key 'login'"), ("roles='reader'", "Key 'roles'")],
)
def test_a_value_of_a_wrong_type_is_refused(argument: str, complaint: str, tmp_path: Path) -> None:
    wrong = APPLICATION.replace("app.synth()", f'Role(stack, "wrong", **{{**dict(name="a"), **dict({argument})}})')
    errors = fail(start(f"{wrong}\napp.synth()", str(tmp_path)))
    assert "RuntimeError: Passed to parameter config of new @cdktf/provider-postgresql.role.Role" in errors
    assert complaint in errors
    # It is found a little later than it was made: the message says where that was.
    assert f"asked for by <string>:{wrong.count(chr(10))}" in errors


def test_an_assembly_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    code = "import modules.bindings, cdktf, jsii; jsii.kernel.load('lost', '1.0.0', '/lost.tgz'); cdktf.App().synth()"
    assert "JSIIError: cannot load lost 1.0.0" in fail(start(code, CDKTF_OUTDIR=str(tmp_path)))


@pytest.mark.parametrize(
    ("node", "complaint"),
    [
        ("/nowhere/node", "FileNotFoundError: CDKTF needs Node.js"),
        ("/bin/false", "JSIIError: the jsii kernel (Node.js) ended by itself, with exit status 1"),
    ],
)
def test_a_node_that_does_not_work_is_named(node: str, complaint: str, tmp_path: Path) -> None:
    code = "import modules.bindings, cdktf; cdktf.App().synth()"
    assert complaint in fail(start(code, JSII_NODE=node, CDKTF_OUTDIR=str(tmp_path)))


def test_modules_that_import_no_framework_start_no_kernel() -> None:
    succeed(start("import modules.bindings, environments.catalogue, modules.names", JSII_NODE="/nowhere/node"))


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("MOSAIC_BINDINGS", "fast", "MOSAIC_BINDINGS is 'fast'; allowed are 'slim' (the default) and 'full'"),
        ("MOSAIC_CACHE", "here", "MOSAIC_CACHE is 'here'; an absolute path is needed"),
    ],
)
def test_a_wrong_variable_is_refused(variable: str, value: str, complaint: str) -> None:
    assert complaint in fail(start("import modules.bindings, cdktf", **{variable: value}))
