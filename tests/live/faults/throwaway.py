"""An environment of a test's own, in a copy of the checkout, to be broken and repaired by commands."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from psycopg import sql

from delivery.redaction.terminal_sequences import without_sequences
from environments.schema.catalogue import Catalogue
from local.seed.aws_objects import policy
from modules.model.names import Names, state_key
from tests.account import SETTINGS, SHARED
from tests.delivery.database_logins import making, making_template, new_passwords, store
from tests.live.images import push_all, with_tag
from tests.live.project import Project, Run
from tests.readme import CONTENT

_INTERRUPTED = 130


def _environment_file(name: str, order: int) -> str:
    """Return README.md's example file with another name and other ingress orders, and with staging's images."""
    staging = SETTINGS.find("staging")
    images = iter((staging.web.image, staging.core_api.image))
    text = re.sub(r"\bImage\([^)]*\)", lambda _: repr(next(images)), CONTENT)
    for old, new in (
        ("ingress_order=210", f"ingress_order={order}"),
        ("ingress_order=220", f"ingress_order={order + 1}"),
        ("mosaic_session_demo", f"mosaic_session_{name.replace('-', '_')}"),
        ('"demo', f'"{name}'),
    ):
        assert old in text, f"README.md's environment has no {old}"
        text = text.replace(old, new)
    return text


class Throwaway:
    """One environment like README.md's; ``project`` is the copy of the checkout that has its file."""

    def __init__(self, project: Project, folder: Path, name: str, order: int) -> None:
        """folder: of the copy. order: of its ingresses, unlike any other environment's."""
        self.name = name
        self.file = f"environments/{name.replace('-', '_')}.py"
        self.project = project.copy(folder, {self.file: _environment_file(name, order)})
        self.names = Names.of(Catalogue(folder / "environments").find(name), SHARED)
        self._lock_key = f"{state_key(name)}.tflock"
        s3 = self.project.client("s3")
        s3.create_bucket(Bucket=self.names.state_bucket)
        s3.put_bucket_versioning(Bucket=self.names.state_bucket, VersioningConfiguration={"Status": "Enabled"})
        # What else bootstrap creates and a deploy needs. It limits nothing here.
        anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        self.project.client("iam").create_policy(
            PolicyName=self.names.permissions_boundary, PolicyDocument=policy(anything)
        )
        self._make_logins(Catalogue(folder / "environments").find(name).database.extensions)

    def _make_logins(self, extensions: Sequence[str]) -> None:
        """Create what bootstrap creates on the database server: roles, logins and the template."""
        passwords = new_passwords(self.names)
        with self.project.administrator() as connection:
            for statement in (*making(self.names, passwords), *making_template(self.names)):
                connection.execute(statement.encode())
        with self.project.login(self.project.administrator_secret, self.names.database_template) as connection:
            for extension in extensions:
                connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
        store(self.project.client("secretsmanager"), self.names, passwords)

    def change(self, old: str, new: str) -> None:
        """Change the environment's file, as a commit would."""
        (self.project.root / self.file).write_text(self.project.edited(self.file, {old: new}))

    def release(self, tag: str) -> None:
        """Push both applications' images with this tag, and deploy them from now on."""
        push_all(self.project.client("ecr"), tag)
        file = self.project.root / self.file
        file.write_text(with_tag(file.read_text(), tag))

    def deploy(self) -> Run:
        """Deploy to the end."""
        return self.project.deploy(self.name)

    def deploy_until(self, said: str, then: Callable[[subprocess.Popen[str]], object]) -> Run:
        """Deploy; once Terraform prints this pattern, call ``then`` with the process; wait for the deploy's end."""
        lines: list[str] = []
        reached = False
        with self.project.start(
            sys.executable,
            "-u",
            "-m",
            "delivery",
            "deploy",
            self.name,
            "--auto-approve",
            environment=self.name,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(without_sequences(line))
                if not reached and re.search(said, lines[-1]):
                    reached = True
                    then(process)
        output = "".join(lines)
        # What cdktf prints last may be the plan of another resource; Terraform draws a frame around its errors.
        errors = "".join(line for line in lines if "│" in line)
        assert reached, f"the deploy of {self.name} never said {said}\n{errors}\n{output[-4000:]}"
        return Run(command=("deploy until", said), code=process.returncode, output=output)

    def kill(self, said: str) -> None:
        """Deploy, and kill all its processes once Terraform prints this."""
        self.deploy_until(said, kill_family).expect(-signal.SIGKILL)

    def interrupt(self, said: str) -> None:
        """Deploy, and press Ctrl-C once Terraform prints this."""
        run = self.deploy_until(said, lambda process: process.send_signal(signal.SIGINT))
        run.expect(_INTERRUPTED).says("stopping after the operations in progress")
        assert not self.is_locked(), f"the interrupted deploy of {self.name} left its lock on the state"

    def recover(self, *options: str) -> Run:
        """Run the documented command, but not as on a CI system, where the name of a host means nothing."""
        command = (sys.executable, "-m", "delivery", "recover", self.name, "--auto-approve", *options)
        return self.project.run(*command, environment=self.name, CI="")

    def is_locked(self) -> bool:
        """Whether somebody holds the state."""
        return self.lock() is not None

    def lock(self) -> dict[str, str] | None:
        """What Terraform recorded about the holder of the state."""
        s3 = self.project.client("s3")
        try:
            text = s3.get_object(Bucket=self.names.state_bucket, Key=self._lock_key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        fields: dict[str, str] = json.loads(text)
        return fields

    def lock_as(self, fields: dict[str, str]) -> None:
        """Make the lock look as if somebody else had written it."""
        body = json.dumps(fields)
        self.project.client("s3").put_object(Bucket=self.names.state_bucket, Key=self._lock_key, Body=body)

    def forget_state(self) -> None:
        """Remove the state, as if it had never been written."""
        self.project.client("s3").delete_object(Bucket=self.names.state_bucket, Key=state_key(self.name))

    def snapshot(self) -> dict[str, object]:
        """Return the environment's existing data by name; put an object that must stay into each bucket."""
        s3, secrets, found = self.project.client("s3"), self.project.client("secretsmanager"), {}
        buckets = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for name in {self.names.media_bucket, self.names.backups_bucket} & buckets:
            if not s3.list_objects_v2(Bucket=name).get("Contents"):
                s3.put_object(Bucket=name, Key="precious", Body=name.encode())
            found[name] = s3.get_object(Bucket=name, Key="precious")["Body"].read()
        for name in self.names.secret_paths:
            try:
                found[name] = secrets.get_secret_value(SecretId=name)["SecretString"]
            except secrets.exceptions.ResourceNotFoundException:
                continue  # no such secret, or no value in it yet
        for kind, query, name in (
            ("database", "SELECT oid FROM pg_database WHERE datname = %s", self.names.database),
            ("role", "SELECT oid FROM pg_roles WHERE rolname = %s", self.names.database_role),
        ):
            rows = self.project.sql(query, name)
            found |= {kind: rows[0][0]} if rows else {}
        return found

    def prove(self, before: dict[str, object]) -> None:
        """Check that the environment is verified, role and secret agree, the state is unlocked, and nothing is lost."""
        self.project.verify(self.name).expect(0).says(" 0 failed")
        self.project.login(self.names.database_credentials, self.names.database).close()
        assert not self.is_locked(), f"the state of {self.name} is still locked"
        after = self.snapshot()
        # Not the values themselves: they are secrets.
        lost = [name for name, value in before.items() if after.get(name) != value]
        assert not lost, f"{self.name} lost or changed data in {', '.join(lost)}"


def kill_family(process: subprocess.Popen[str]) -> None:
    """Kill a process and everything it started, in whatever session, like a machine that fails."""
    root = psutil.Process(process.pid)
    for each in [root, *root.children(recursive=True)]:
        # Terraform dies with the terminal that cdktf gave it, perhaps before this reaches it.
        with suppress(psutil.NoSuchProcess):
            each.kill()


@contextmanager
def stopped(process: subprocess.Popen[str], name: str) -> Iterator[None]:
    """Suspend the processes of this name that it started, for a while."""
    found = [each for each in psutil.Process(process.pid).children(recursive=True) if each.name() == name]
    assert found
    for each in found:
        each.suspend()
    try:
        yield
    finally:
        for each in found:
            each.resume()
