"""Edits that Terraform itself refused to plan."""

from tests.delivery.plan_documents import FOLDER


def test_terraform_refuses_two_imports_of_one_address() -> None:
    assert (
        'Duplicate import configuration for "aws_s3_bucket.media"'
        in (FOLDER / "staging-two-imports-failed.log").read_text()
    )
