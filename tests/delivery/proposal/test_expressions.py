"""Function calls in a template are found wherever Terraform itself would call them."""

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.proposal.expressions import UnreadableError, expressions, is_template

# `terraform plan` evaluates these; each reads the file.
CALLS = [
    '${file("x.txt")}',
    'a ${ file ("x.txt") } b',
    '${file\n("x.txt")}',
    '${file\t(\n"x.txt"\n)}',
    '${~ file("x.txt") ~}',
    '${trimspace(file("x.txt"))}',
    '${"${file("x.txt")}"}',
    '${"a${"b${file("x.txt")}"}"}',
    '${"}" == "" ? "" : file("x.txt")}',
    '${"\\"}" == "" ? "" : file("x.txt")}',
    '${"$${" == "" ? "" : file("x.txt")}',
    '%{if true}${file("x.txt")}%{endif}',
    '%{if file("x.txt") != ""}${file("x.txt")}%{endif}',
    '${"%{if true}${file("x.txt")}%{endif}"}',
    '%{for x in [file("x.txt")]}${x}%{endfor}',
    '${[for x in ["x.txt"] : file(x)][0]}',
    '${{a = file("x.txt")}.a}',
    '${{(file("x.txt")) = 1}}',
    '${[file("x.txt")][0]}',
    '$%{if true}${file("x.txt")}%{endif}',
    'back\\${file("x.txt")}',
    '"${file("x.txt")}"',
    '$${a}${file("x.txt")}',
    '${fileexists("x.txt") ? file("x.txt") : ""}',
]
# Terraform reads these, but our code never writes this form.
UNREADABLE = [
    '${file /* a comment */ ("x.txt")}',
    '${file # a comment\n ("x.txt")}',
    '${file // a comment\n ("x.txt")}',
    '${core::file("x.txt")}',
    '${core :: file("x.txt")}',
    '${<<EOT\n${file("x.txt")}\nEOT\n}',
    '${<<-EOT\n  ${file("x.txt")}\n  EOT\n}',
]
LITERAL = ['$${file("x.txt")}', '%%{if file("x.txt")}', 'file("x.txt")', "$file(x)", "a $ { b } %", '"', "\\", "$$", ""]


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Terraform's result for each, as JSON of the value; without a provider or network."""
    folder = tmp_path_factory.mktemp("terraform")
    texts = [*CALLS, *UNREADABLE, *LITERAL]
    steps = {f"t{number}": {"input": text} for number, text in enumerate(texts)}
    (folder / "cdk.tf.json").write_text(json.dumps({"resource": {"terraform_data": steps}}))
    (folder / "x.txt").write_text("what the file says")
    for words in (["init"], ["plan", "-out=plan"]):
        subprocess.run(["terraform", *words, "-input=false"], cwd=folder, check=True, capture_output=True)
    shown = subprocess.run(["terraform", "show", "-json", "plan"], cwd=folder, check=True, capture_output=True)
    changes = {row["name"]: row["change"]["after"] for row in json.loads(shown.stdout)["resource_changes"]}
    return {text: json.dumps(changes[f"t{number}"].get("input")) for number, text in enumerate(texts)}


@pytest.mark.parametrize("text", CALLS)
def test_functions_called_by_terraform_are_found(evaluated: dict[str, str], text: str) -> None:
    assert "what the file says" in evaluated[text]
    assert "file" in expressions(text).functions
    assert is_template(text)


@pytest.mark.parametrize("text", UNREADABLE)
def test_syntax_only_terraform_reads_is_refused(evaluated: dict[str, str], text: str) -> None:
    assert "what the file says" in evaluated[text]
    with pytest.raises(UnreadableError):
        expressions(text)
    assert is_template(text)


@pytest.mark.parametrize("text", LITERAL)
def test_literal_text_has_no_expression(evaluated: dict[str, str], text: str) -> None:
    assert "what the file says" not in evaluated[text]
    assert expressions(text).functions == frozenset()
    assert not is_template(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("${var.role}", {"var.role"}),
        ("${path . module}", {"path.module"}),
        ("${[for name in data.aws_lb.x.names : name]}", {"for", "name", "in", "data.aws_lb"}),
        ("${a.path.b[each.key]}", {"a.path", "each.key"}),
        ('${"${terraform.workspace}"}', {"terraform.workspace"}),
        ("path.module", set()),
    ],
)
def test_the_roots_of_references_are_found(text: str, names: set[str]) -> None:
    assert expressions(text).names == names


@pytest.mark.parametrize("text", ["${", "${a", '${"a}', "%{if true", "${a}}${", "${'a'}", "${é}", "$$${a}", "${a;b}"])
def test_unterminated_or_meaningless_templates_are_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        expressions(text)


@given(text=st.text(st.sampled_from('${}"\\%~ \n/#*<:.()ab1é'), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = expressions(text)
    except UnreadableError:
        return
    assert bool(found.names or found.functions) <= is_template(text)


@given(before=st.text(max_size=20), inner=st.text(st.characters(exclude_characters='$%"\\'), max_size=20))
def test_a_call_is_found_behind_any_text(before: str, inner: str) -> None:
    text = f'{before} ${{file("{inner}")}}'
    try:
        assert "file" in expressions(text).functions
    except UnreadableError:
        # Only the text before it can cause that.
        assert "$" in before or "%" in before
