"""Stand-ins are used only on the local cloud, for the providers that have one, according to the settings."""

import re
from pathlib import Path

import pytest

from local.runtime.errors import LocalCloudError
from modules.model.providers import AWS, KUBERNETES, POSTGRESQL
from tests.unit.local.terraform.installation_run import Run
from tests.unit.local.terraform.mirrors import complete, packed, pinned, unpacked

TOO_OLD = "4.9.9"


def test_stand_ins_are_used_only_on_request(run: Run, tmp_path: Path) -> None:
    run.variables, run.mirrors = {"MOSAIC_PROVIDERS": "standin"}, [complete(tmp_path / "mirror")]
    lines = run().lines
    assert lines[0] == f"hashicorp/aws {pinned(AWS)} from {tmp_path / 'mirror'}"
    assert lines[1] == f"hashicorp/kubernetes {pinned(KUBERNETES)} from the local stand-in (docs/provider-stand-ins.md)"
    assert lines[2] == f"cyrilgdn/postgresql {pinned(POSTGRESQL)} from the local stand-in (docs/provider-stand-ins.md)"


def test_official_mode_uses_no_stand_in(run: Run, tmp_path: Path) -> None:
    run.variables, run.mirrors = {"MOSAIC_PROVIDERS": "official"}, [unpacked(tmp_path, AWS, pinned(AWS))]
    with pytest.raises(
        LocalCloudError, match=re.escape(f"No usable hashicorp/kubernetes ({KUBERNETES.constraint}); cyrilgdn/postg")
    ):
        run()
    assert run.built == []


def test_on_aws_stand_ins_are_not_used(run: Run, tmp_path: Path) -> None:
    run.mirrors = [unpacked(tmp_path, AWS, pinned(AWS))]
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
