"""The command ``python -m delivery.run``: what it refuses before anything is started."""

from collections.abc import Iterator
from functools import partial

import pytest
from moto.server import ThreadedMotoServer

from environments import catalogue
from environments.shared import SHARED
from modules.names import Names
from tests.delivery.commands import KEYS, NOWHERE, run_module

run = partial(run_module, "delivery.run")


@pytest.fixture(scope="module")
def empty_account() -> Iterator[str]:
    """The endpoint of an AWS of our account that holds nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.core.models.DEFAULT_ACCOUNT_ID", SHARED.account)
        patch.setenv("MOTO_ACCOUNT_ID", SHARED.account)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["deploy", "nowhere"], {}, "environment 'nowhere' is unknown; allowed: prod, staging"),
        (["deploy"], {}, "the following arguments are required: environment"),
        (["rename", "staging"], {}, "invalid choice: 'rename'"),
        (["destroy", "prod"], KEYS, "prod is protected (environments/prod.py) and is not destroyed"),
        (
            ["deploy", "staging"],
            {"MOSAIC_CLOUD": "azure"},
            "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'",
        ),
        (["deploy", "staging"], {}, "Unable to locate credentials"),
        (["plan", "staging"], {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE, **KEYS}, "is the local cloud up?"),
    ],
)
def test_what_cannot_work_is_one_error_and_exit_code_2(
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


def test_a_missing_state_bucket_is_named(empty_account: str) -> None:
    done = run("deploy", "staging", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=empty_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, "")
    bucket = Names.of(catalogue.find("staging"), SHARED).state_bucket
    assert f"the state bucket {bucket} of staging cannot be reached" in done.stderr
