"""The caller's identity."""

import pytest

from delivery.account.session import assumed_role


@pytest.mark.parametrize(
    ("arn", "role"),
    [
        ("arn:aws:sts::033691785857:assumed-role/mosaic-staging-plan/GitHubActions", "mosaic-staging-plan"),
        ("arn:aws:sts::033691785857:assumed-role/mosaic-staging-plan-2/run@1", "mosaic-staging-plan-2"),
        ("arn:aws:iam::033691785857:user/mosaic-staging-plan", None),
        ("arn:aws:iam::033691785857:role/mosaic-staging-plan", None),
        ("arn:aws:sts::033691785857:federated-user/assumed-role/mosaic-staging-plan/a", None),
        ("arn:aws:iam::033691785857:root", None),
    ],
)
def test_a_sessions_role_is_read_from_its_arn(arn: str, role: str | None) -> None:
    assert assumed_role(arn) == role
