"""The command ``python -m delivery doctor``: what it rejects before it checks any fact."""

from functools import partial

import pytest

from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS, NOWHERE, run_command

doctor = partial(run_command, "doctor")


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["nowhere"], {}, f"environment 'nowhere' is unknown; allowed: {', '.join(SETTINGS.names())}"),
        (["bootstrap"], {}, "'bootstrap' is not an environment but the stack that prepares the account for them"),
        ([], {}, "the following arguments are required: environment"),
        (["staging", "--fast"], {}, "unrecognized arguments: --fast"),
        (["staging"], {"MOSAIC_CLOUD": "azure"}, "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'"),
        (["staging"], {"MOSAIC_CLOUD": "local"}, "AWS_ENDPOINT_URL is not set"),
        (["staging"], {"AWS_ENDPOINT_URL": NOWHERE}, "allowed: unset it for AWS"),
        (["staging"], {"AWS_PROFILE": "nobody"}, "nobody"),
        (["staging"], {}, "Unable to locate credentials"),
        (["staging"], {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE, **KEYS}, "make local-up"),
    ],
)
def test_an_impossible_examination_is_refused_with_one_error_and_exit_code_2(
    arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = doctor(*arguments, **variables)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_of_another_account_are_refused(another_account: str) -> None:
    done = doctor("staging", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=another_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"allowed: account {SHARED.account}" in done.stderr
