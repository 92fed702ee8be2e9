"""One examination of an environment's account; shared questions are asked only once."""

import os
from collections.abc import Mapping

import psycopg
from botocore.exceptions import ClientError

from delivery.account.administrator import log_in_as_administrator
from delivery.account.error import CheckError
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.doctor.finding import Once
from delivery.doctor.server_contents import ServerContents
from delivery.recovery.stored_state import StoredState
from environments.schema.catalogue import file_of
from environments.schema.settings import BOOTSTRAP
from modules.model.names import bootstrap_state_bucket, state_key


class Examination:
    """What is known about the account so far.

    target: the environment, its names and the account's APIs. variables: the process's environment variables, for
    GitHub's token. quick: only facts that take a request or two. state, bootstrap_state: Terraform's states; empty
    before the first deploy. is_locked: whether a run holds the environment's state. server: the database server's
    contents, as its administrator sees them. Each raises the error of its call.
    """

    def __init__(self, target: Target, *, quick: bool = False, variables: Mapping[str, str] = os.environ) -> None:
        self.target = target
        self.quick = quick
        self.variables = variables
        bucket, name = target.names.state_bucket, target.environment.name
        self.state = Once(lambda: self._state(bucket, state_key(name)))
        self.bootstrap_state = Once(lambda: self._state(bootstrap_state_bucket(target.shared), state_key(BOOTSTRAP)))
        self.is_locked = Once(lambda: self._is_locked(bucket, f"{state_key(name)}.tflock"))
        self.server = Once(self._server)

    @property
    def environment_file(self) -> str:
        """The file with the environment's settings."""
        return file_of(self.target.environment.name)

    def contents(self) -> ServerContents:
        """The database server's contents. Raises CheckError if its administrator cannot log in."""
        if self.quick:
            raise CheckError("quick facts do not ask the database server")
        try:
            return self.server()
        except (LoginError, psycopg.Error):
            raise CheckError("only the administrator can see it, and cannot log in") from None

    def _state(self, bucket: str, key: str) -> StoredState:
        try:
            return StoredState.read(self.target.s3, bucket=bucket, key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucket":
                return StoredState()
            raise

    def _is_locked(self, bucket: str, key: str) -> bool:
        try:
            self.target.s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return False
            raise
        return True

    def _server(self) -> ServerContents:
        with log_in_as_administrator(self.target, application="doctor") as connection:
            connection.read_only = True
            names = self.target.names
            return ServerContents.read(connection, database=names.database, role=names.database_role)
