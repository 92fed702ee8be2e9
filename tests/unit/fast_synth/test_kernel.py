"""The answers that Python gives without the jsii kernel, sends ahead or changes, compared with the plain kernel."""

import json
from pathlib import Path

import pytest

from tests.unit.fast_synth.programs import APPLICATION, fail, files, output_of, start

# Facts about constructs that Python knows without the kernel or sends ahead of time; prints the results.
CONSTRUCTS = """
import sys
import modules.base.bindings
import jsii
from cdktf import App, Aspects, Fn, IAspect, TerraformOutput, TerraformResource, TerraformStack
from cdktf_cdktf_provider_postgresql.database import Database
from cdktf_cdktf_provider_postgresql.provider import PostgresqlProvider
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct, ConstructOrder
from modules.base.terraform import ReadableStack

@jsii.implements(IAspect)
class Overriding:
    def visit(self, node):
        if isinstance(node, Role):
            node.add_override("connection_limit", len(node.node.path))

def describe(construct):
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
    describe(construct)
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

VALUES = (
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
)
# Resolves values, some with tokens, and prints the results as a list; {} stands for functions that make the values
# from a role. Each value has its own stacks and therefore its own tokens.
RESOLUTION = """
import json
import re
import sys
import modules.base.bindings
from cdktf import App, DefaultTokenResolver, StringConcat, TerraformStack, Token, Tokenization
from cdktf_cdktf_provider_postgresql.role import Role

def nested(depth):
    return {{"key": nested(depth - 1)}} if depth else "value"

def resolved(value, stack):
    try:
        return str(Tokenization.resolve(value, scope=stack, resolver=DefaultTokenResolver(StringConcat())))
    except RuntimeError as error:
        return re.sub(r"TfToken\\[[^]]*]", "TfToken[]", str(error))  # a token's name is another

app = App(outdir=sys.argv[1])
for number, values in enumerate([{}]):
    lines = []
    for name in (f"stack{{number}}", f"a+stack{{number}}"):
        stack = TerraformStack(app, name)
        lines += [resolved(value, stack) for value in values(Role(stack, "role", name="core"))]
    print(json.dumps(lines))
"""


def same_output(code: str, folder: Path) -> str:
    """Return a program's output, which must be the same with and without the fast loading."""
    slim, full = (start(code, str(folder / mode), MOSAIC_BINDINGS=mode) for mode in ("slim", "full"))
    output, errors = full.communicate()
    assert (slim.communicate(), slim.returncode) == ((output, errors), full.returncode)
    assert (errors, full.returncode) == ("", 0)
    return output


def test_constructs_are_described_as_by_the_kernel(tmp_path: Path) -> None:
    output = same_output(CONSTRUCTS, tmp_path)
    assert "stack/part/reader reader []" in output
    assert "postgresql_role part_reader True" in output
    assert "any_second part_second True" in output
    assert "postgresql_role.part_reader 2 None" in output
    assert files(tmp_path / "slim") == files(tmp_path / "full")


@pytest.fixture(scope="module")
def resolutions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], list[str]]]:
    """The result for each value, with and without the fast loading."""
    code = RESOLUTION.format(", ".join(f"lambda role: [{value}]" for value in VALUES))
    programs = [start(code, str(tmp_path_factory.mktemp(mode)), MOSAIC_BINDINGS=mode) for mode in ("slim", "full")]
    slim, full = ([json.loads(line) for line in output_of(program).splitlines()] for program in programs)
    return dict(zip(VALUES, zip(slim, full, strict=True), strict=True))


@pytest.mark.parametrize("value", VALUES)
def test_values_are_resolved_as_by_cdktf_itself(
    value: str, resolutions: dict[str, tuple[list[str], list[str]]]
) -> None:
    slim, full = resolutions[value]
    assert slim == full
    assert len(slim) >= 2, "in each of the two stacks"


def test_two_elements_with_the_same_name_are_refused(tmp_path: Path) -> None:
    wrong = CONSTRUCTS.replace("app.synth()", 'Role(part, "a-b", name="a")\nRole(part, "a_b", name="b")\napp.synth()')
    assert "stack/part/a_b and stack/part/a-b would both be Role 'part_a_b'" in fail(start(wrong, str(tmp_path)))


def test_a_program_that_never_synthesizes_still_reports_errors(tmp_path: Path) -> None:
    unfinished = APPLICATION.replace("app.synth()", 'Role(stack, "role", name="twice")')
    _, errors = start(unfinished, str(tmp_path)).communicate()
    assert "There is already a Construct with name 'role' in TerraformStack" in errors


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [("name=5", "Key 'name'"), ("login='yes'", "Key 'login'"), ("roles='reader'", "Key 'roles'")],
)
def test_a_value_of_a_wrong_type_is_refused(argument: str, complaint: str, tmp_path: Path) -> None:
    wrong = APPLICATION.replace("app.synth()", f'Role(stack, "wrong", **{{**dict(name="a"), **dict({argument})}})')
    errors = fail(start(f"{wrong}\napp.synth()", str(tmp_path)))
    assert "RuntimeError: Passed to parameter config of new @cdktf/provider-postgresql.role.Role" in errors
    assert complaint in errors
    # The error surfaces after the faulty call; the message says where the call was.
    assert f"asked for by <string>:{wrong.count(chr(10))}" in errors


def test_an_unloadable_assembly_is_reported(tmp_path: Path) -> None:
    code = (
        "import modules.base.bindings, cdktf, jsii; jsii.kernel.load('lost', '1.0.0', '/lost.tgz'); cdktf.App().synth()"
    )
    assert "JSIIError: cannot load lost 1.0.0" in fail(start(code, CDKTF_OUTDIR=str(tmp_path)))


@pytest.mark.parametrize(
    ("node", "complaint"),
    [
        ("/nowhere/node", "FileNotFoundError: CDKTF needs Node.js"),
        ("/bin/false", "JSIIError: the jsii kernel (Node.js) ended by itself, with exit status 1"),
    ],
)
def test_a_broken_node_is_reported(node: str, complaint: str, tmp_path: Path) -> None:
    code = "import modules.base.bindings, cdktf; cdktf.App().synth()"
    assert complaint in fail(start(code, JSII_NODE=node, CDKTF_OUTDIR=str(tmp_path)))
