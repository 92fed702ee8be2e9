"""Which processes on this machine may hold a state's lock: Terraform, and processes that look like it."""

import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from mypy_boto3_s3 import S3Client

from delivery.recovery.lock_holders import LockedState, LockHolders
from delivery.recovery.state_lock import StateLock
from modules.model.selected_settings import SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.recovery.terraform_process import HERE, PLACE, terraform_in

LOCAL, OTHER_LOCAL = "http://127.0.0.1:5000", "http://127.0.0.1:6000"
# How each of the two files in a stack's folder names the backend.
WRITERS = ("terraform", "cdktf")


def state(folder: Path, endpoint: str | None = LOCAL) -> LockedState:
    return LockedState(**PLACE, endpoint=endpoint, folder=folder / "own" / "stacks" / "demo")


def name_backend(folder: Path, writer: str, settings: Mapping[str, object]) -> None:
    """Write the backend into a stack's folder in one of these files."""
    if writer == "cdktf":
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cdk.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": settings}}}))
    else:
        (folder / ".terraform").mkdir(parents=True, exist_ok=True)
        content = {"version": 3, "backend": {"type": "s3", "config": {"endpoints": None, **settings}}}
        (folder / ".terraform" / "terraform.tfstate").write_text(json.dumps(content))


def at(endpoint: str | None, **fields: str) -> dict[str, object]:
    return {**PLACE, **fields, **({"endpoints": {"s3": endpoint, "sts": endpoint}} if endpoint else {})}


def seen(place: Path, own: LockedState) -> bool:
    """Whether a Terraform process in this folder counts as a holder."""
    with terraform_in(place) as pid:
        holders = LockHolders.of(own)
    assert holders.seen in ((), (f"process {pid} in {place}",))
    return bool(holders.seen)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        (None, None),
        (LOCAL, LOCAL),
        (LOCAL, f"{LOCAL}/"),
        (LOCAL, "http://localhost:5000"),
        (None, "https://s3.us-east-1.amazonaws.com:443"),
    ],
)
def test_terraform_on_the_same_state_may_hold_its_lock(
    tmp_path: Path, writer: str, own: str | None, theirs: str | None
) -> None:
    """In any folder: another checkout's, or one with another name."""
    for folder in ("checkout/stacks/demo", "elsewhere"):
        name_backend(tmp_path / folder, writer, at(theirs))
        assert seen(tmp_path / folder, state(tmp_path, own)), folder


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        (LOCAL, at(OTHER_LOCAL)),
        (LOCAL, at(None)),
        (None, at(LOCAL)),
        (None, at(None, bucket="others")),
        (None, at(None, key="else/terraform.tfstate")),
    ],
)
def test_terraform_on_another_state_does_not_hold_the_lock(
    tmp_path: Path, writer: str, own: str | None, theirs: Mapping[str, object]
) -> None:
    """Its environment has the same name, but a different local cloud, account or key."""
    place = tmp_path / "checkout" / "stacks" / "demo"
    name_backend(place, writer, theirs)
    assert not seen(place, state(tmp_path, own))


def test_opentofu_on_the_same_state_may_hold_its_lock(tmp_path: Path) -> None:
    """Regardless of this shell's choice of program: another shell started it."""
    own = state(tmp_path)
    with terraform_in(own.folder, name="tofu") as pid:
        assert LockHolders.of(own).seen == (f"process {pid} in {own.folder}",)


@pytest.mark.parametrize("other", WRITERS)
def test_one_of_the_two_files_naming_the_state_is_enough(tmp_path: Path, other: str) -> None:
    """Rewriting the configuration does not stop a process that was started before."""
    place = tmp_path / "checkout" / "stacks" / "demo"
    for writer in WRITERS:
        name_backend(place, writer, at(OTHER_LOCAL if writer == other else LOCAL))
    assert seen(place, state(tmp_path))


def test_terraform_in_the_stacks_own_folder_may_hold_the_lock(tmp_path: Path) -> None:
    own = state(tmp_path)
    name_backend(own.folder, "terraform", at(OTHER_LOCAL))
    assert seen(own.folder, own)


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"backend": {"type": "local", "config": {"path": null}}}', '{"backend": null}']
)
def test_without_a_readable_backend_the_folder_name_decides(tmp_path: Path, content: str | None) -> None:
    for name, expected in {"demo": True, "else": False}.items():
        place = tmp_path / "checkout" / "stacks" / name
        (place / ".terraform").mkdir(parents=True)
        if content is not None:
            (place / ".terraform" / "terraform.tfstate").write_text(content)
        assert seen(place, state(tmp_path)) is expected, name


def test_a_deleted_folder_is_still_judged_by_its_name(tmp_path: Path) -> None:
    place = tmp_path / "checkout" / "stacks" / "demo"
    name_backend(place, "terraform", at(OTHER_LOCAL))
    with terraform_in(place):
        shutil.rmtree(place)
        assert LockHolders.of(state(tmp_path)).seen


def test_other_programs_do_not_hold_the_lock(tmp_path: Path) -> None:
    place = state(tmp_path).folder
    place.mkdir(parents=True)
    with subprocess.Popen(["/bin/sleep", "60"], cwd=place) as process:
        holders = LockHolders.of(state(tmp_path))
        process.kill()
    assert holders == LockHolders(seen=(), hidden=False)


def test_a_process_with_a_hidden_folder_may_hold_the_lock(tmp_path: Path) -> None:
    """For example, another user's process."""
    with terraform_in(tmp_path / "elsewhere", hidden=True):
        looking = os.fork()
        if looking == 0:
            holders = None
            try:
                # Root sees every process's folder.
                if os.getuid() == 0:
                    os.setuid(pwd.getpwnam("nobody").pw_uid)
                holders = LockHolders.of(state(tmp_path))
            finally:
                os._exit(0 if holders == LockHolders(seen=(), hidden=True) else 1)
        _, status = os.waitpid(looking, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def stack(endpoint: str) -> dict[str, Any]:
    """A stack with a slow apply, in the backend of the environments' stacks."""
    backend = {
        **at(endpoint),
        "endpoints": {"s3": endpoint, "sts": endpoint, "iam": endpoint},
        "region": SHARED.region,
        "encrypt": True,
        "use_lockfile": True,
        "use_path_style": True,
        "skip_metadata_api_check": True,
    }
    waiting = {"provisioner": [{"local-exec": {"command": "exec sleep 60"}}]}
    return {"terraform": {"backend": {"s3": backend}}, "resource": {"terraform_data": {"x": waiting}}}


@contextmanager
def applying(folder: Path, endpoint: str, s3: S3Client) -> Iterator[StateLock]:
    """Real Terraform, which holds the state's lock; killed at the end, so that the lock stays."""
    folder.mkdir(parents=True)
    (folder / "cdk.tf.json").write_text(json.dumps(stack(endpoint)))
    variables = {**os.environ, **KEYS, "CHECKPOINT_DISABLE": "1"}
    subprocess.run(["terraform", "init", "-input=false"], cwd=folder, env=variables, check=True, capture_output=True)
    command = ["terraform", "apply", "-auto-approve", "-input=false"]
    with subprocess.Popen(command, cwd=folder, env=variables, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert any(b"terraform_data.x: Provisioning" in line for line in process.stdout)
            lock = StateLock.read(s3, **PLACE)
            assert lock is not None
            yield lock
        finally:
            root = psutil.Process(process.pid)
            for each in (*root.children(recursive=True), root):
                each.kill()


def test_terraforms_lock_belongs_to_the_state_named_in_its_folder(tmp_path: Path, empty_account: str) -> None:
    """With real Terraform: the files in its folder name the state, although another local cloud uses the same key."""
    s3 = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name=SHARED.region).client(
        "s3", endpoint_url=empty_account
    )
    s3.create_bucket(Bucket=PLACE["bucket"])
    place = tmp_path / "checkout" / "stacks" / "demo"
    ours, others = state(tmp_path, empty_account), state(tmp_path, OTHER_LOCAL)
    with applying(place, empty_account, s3) as lock:
        (place / "cdk.tf.json").unlink()
        assert lock.who == HERE
        assert f"in {place}; wait for it, or" in str(lock.refusal(ours, given=lock.id, variables={}))
        assert lock.refusal(others, given=None, variables={}) is None
    assert StateLock.read(s3, **PLACE) == lock
    assert lock.refusal(ours, given=None, variables={}) is None
