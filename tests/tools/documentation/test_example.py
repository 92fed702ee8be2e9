"""Each construct has an example that synthesizes."""

from modules.model.project import ROOT
from tools.documentation.construct import Module
from tools.documentation.example import FOLDER, Example


def test_each_construct_has_its_own_example(modules: list[Module], examples: dict[str, Example]) -> None:
    assert {path.stem for path in (ROOT / FOLDER).glob("*.py")} == examples.keys()
    assert {stem: example.class_name for stem, example in examples.items()} == {
        module.construct.stem: module.construct.name for module in modules
    }


def test_no_example_has_an_empty_stack(examples: dict[str, Example]) -> None:
    assert [stem for stem, example in examples.items() if not example.elements] == []


def test_an_example_creates_only_the_elements_of_its_construct(examples: dict[str, Example]) -> None:
    """Neither the OIDC provider that its trust policy names, nor the secret that its value is for."""
    assert [element.address for element in examples["generated_value"].elements] == ["terraform_data.session_key"]
    assert [element.address for element in examples["ci_role"].elements] == [
        "aws_eks_access_entry.plan_cluster",
        "aws_eks_access_policy_association.plan_namespace",
        "aws_iam_role.plan",
        "aws_iam_role_policies_exclusive.plan_policies",
        "aws_iam_role_policy.plan_rights",
        "aws_iam_role_policy_attachments_exclusive.plan_attachments",
    ]


def test_an_examples_code_is_its_file_without_the_docstring(examples: dict[str, Example]) -> None:
    example = examples["private_bucket"]
    text = (ROOT / example.file).read_text()
    assert text == f'"""{example.title}"""\n\n{example.code}\n'


def test_a_custom_resource_is_named_by_its_kind(examples: dict[str, Example]) -> None:
    kinds = {element.address: element.kind for element in examples["secret_store"].elements}
    assert kinds == {"kubernetes_manifest.store": "SecretStore", "kubernetes_service_account_v1.store_account": ""}
