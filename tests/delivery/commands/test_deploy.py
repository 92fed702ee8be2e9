"""The commands plan, deploy and destroy: what they refuse before anything is started."""

import pytest

from environments.schema import catalogue
from environments.shared import SHARED
from modules.model.names import Names, bootstrap_state_bucket
from tests.delivery.command_line import KEYS, NOWHERE
from tests.delivery.command_line import run_command as run


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["deploy", "nowhere"], {}, f"environment 'nowhere' is unknown; allowed: {', '.join(catalogue.names())}"),
        (["deploy"], {}, "the following arguments are required: environment"),
        (["rename", "staging"], {}, "'rename' is no command; allowed: plan, deploy"),
        (["destroy", "prod"], KEYS, "prod is protected (environments/prod.py) and is not destroyed"),
        (["destroy", "bootstrap"], KEYS, "bootstrap holds every environment's state and is not destroyed"),
        (["plan", "bootstrap", "staging"], KEYS, "allowed: one stack, or deploy bootstrap ENVIRONMENT"),
        (["deploy", "staging", "prod"], KEYS, "allowed: one stack, or deploy bootstrap ENVIRONMENT"),
        (["deploy", "staging"], {"AWS_PROFILE": "nobody"}, "allowed: an existing AWS_PROFILE, or keys"),
        (
            ["deploy", "staging"],
            {"MOSAIC_CLOUD": "azure"},
            "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'",
        ),
        (["deploy", "staging"], {}, "Unable to locate credentials"),
        (["plan", "staging"], {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE, **KEYS}, "is the local cloud up?"),
    ],
)
def test_an_impossible_run_is_refused_with_one_error_and_exit_code_2(
    arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = run(*arguments, **variables)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_of_another_account_are_refused(another_account: str) -> None:
    done = run("deploy", "staging", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=another_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"allowed: account {SHARED.account} (environments/shared.py)" in done.stderr


@pytest.mark.parametrize(
    ("action", "stack", "bucket"),
    [
        ("deploy", "staging", Names.of(catalogue.find("staging"), SHARED).state_bucket),
        ("plan", "bootstrap", bootstrap_state_bucket(SHARED)),
    ],
)
def test_a_missing_state_bucket_is_named_with_the_command_that_creates_it(
    empty_account: str, action: str, stack: str, bucket: str
) -> None:
    done = run(action, stack, MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=empty_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"the state bucket {bucket} of {stack} cannot be reached" in done.stderr
    assert "make bootstrap makes it (docs/bootstrap.md)" in done.stderr
