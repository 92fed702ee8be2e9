"""The RDS part of the local cloud: a PostgreSQL server with TLS whose administrator, as on RDS, is not a superuser."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from local.postgresql.extension_guard import install_extension_guard
from local.postgresql.installation import BIN_VARIABLE, Installation
from local.runtime.certificates import Certificates
from local.runtime.errors import LocalCloudError
from local.runtime.ports import HOST, POSTGRESQL
from local.runtime.private_files import write_private
from local.runtime.process import Part
from local.runtime.process_user import process_user

ADMINISTRATOR = "mosaicadmin"
# RDS's names for its own superuser and for the group that stands in for it.
_SUPERUSER = "rdsadmin"
_SUPERUSER_GROUP = "rds_superuser"
_CONNECT_SECONDS = 5
# Linux allows 107 bytes for the path of a socket, macOS 103.
_LONGEST_SOCKET = 103


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """The server of one state folder."""

    state: Path
    port: int
    installation: Installation
    certificates: Certificates

    @classmethod
    def of(cls, state: Path, ports: Mapping[str, int], installation: Installation, issued: Certificates) -> "Postgres":
        """Return the state folder's server."""
        return cls(state=state, port=ports[POSTGRESQL], installation=installation, certificates=issued)

    @property
    def part(self) -> Part:
        """How the server runs.

        Its start raises LocalCloudError if the data belongs to another major version, or the state folder's path is too
        long for a socket.
        """
        options = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
            "hba_file": str(self._folder / "hba.conf"),
            "ident_file": str(self._folder / "ident.conf"),
            "ssl": "on",
            "ssl_cert_file": str(self._folder / "server.pem"),
            "ssl_key_file": str(self._folder / "server-key.pem"),
            "ssl_min_protocol_version": "TLSv1.2",
            "password_encryption": "scram-sha-256",
            "shared_buffers": "32MB",
            "timezone": "UTC",
            # A failed statement may contain a password.
            "log_min_error_statement": "panic",
        }
        return Part(
            name=POSTGRESQL,
            version=f"PostgreSQL {self.installation.version}",
            port=self.port,
            address=f"{HOST}:{self.port}",
            command=(
                str(self.installation.binaries / "postgres"),
                *("-D", str(self._data)),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ),
            prepare=self._prepare,
            user=self.installation.user,
            # PostgreSQL's "fast" shutdown: SIGTERM would wait until every client has disconnected.
            stop_signal=signal.SIGINT,
            health=self._superuser_uri,
        )

    def connect_as_superuser(self) -> psycopg.Connection:
        """Return a connection as RDS's own superuser, which only the caller's Unix user gets, through the socket."""
        return psycopg.connect(self._superuser_uri, autocommit=True, connect_timeout=_CONNECT_SECONDS)

    def connect(self, *, user: str, password: str, database: str) -> psycopg.Connection:
        """Return a connection over TLS, verified with the local authority, like that of any client of the instance."""
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            sslmode="verify-full",
            sslrootcert=str(self.certificates.authority),
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
        )

    def set_administrator(self, password: str) -> None:
        """Give the administrator this password and RDS's attributes: CREATEDB, CREATEROLE, not SUPERUSER."""
        with self.connect_as_superuser() as connection:
            self._ensure_role(connection, _SUPERUSER_GROUP, "NOLOGIN")
            connection.execute(f"GRANT pg_monitor, pg_signal_backend TO {_SUPERUSER_GROUP} WITH ADMIN OPTION")
            self._ensure_role(connection, ADMINISTRATOR, "LOGIN CREATEDB CREATEROLE")
            connection.execute(f"GRANT {_SUPERUSER_GROUP} TO {ADMINISTRATOR}")
            connection.execute(f"ALTER DATABASE postgres OWNER TO {ADMINISTRATOR}")
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(ADMINISTRATOR), sql.Literal(password))
            )

    def close_common_database(self, password: str) -> None:
        """Revoke what PostgreSQL grants to everybody in the database ``postgres``, as an instance's owner does once.

        ``password``: the administrator's.
        """
        with self.connect(user=ADMINISTRATOR, password=password, database="postgres") as connection:
            connection.execute("REVOKE ALL ON DATABASE postgres FROM PUBLIC")

    @staticmethod
    def _ensure_role(connection: psycopg.Connection, role: str, options: str) -> None:
        found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = "CREATE" if found is None else "ALTER"
        connection.execute(sql.SQL("{} ROLE {} {}").format(sql.SQL(verb), sql.Identifier(role), sql.SQL(options)))

    def _prepare(self) -> None:
        if len(os.fsencode(self._socket)) > _LONGEST_SOCKET:
            raise LocalCloudError(
                f"the socket {self._socket} has a path of more than {_LONGEST_SOCKET} bytes: shorten the path."
            )
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self.installation.user is not None:
            identity = pwd.getpwnam(self.installation.user)
            os.chown(self._folder, identity.pw_uid, identity.pw_gid)
        if not self._data.exists():
            self._initialize()
        major = (self._data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if major != self.installation.major:
            raise LocalCloudError(
                f"{self._data} belongs to PostgreSQL {major}, but the server in {self.installation.binaries} is "
                f"{self.installation.version}: set {BIN_VARIABLE} to a server of version {major}, or run `reset`."
            )
        self._forget_dead_server()
        pair = self.certificates.server(POSTGRESQL)
        self._write("server.pem", pair.certificate.read_text(encoding="utf-8"))
        self._write("server-key.pem", pair.key.read_text(encoding="utf-8"))
        caller = pwd.getpwuid(os.geteuid()).pw_name
        self._write("ident.conf", f"local-cloud {caller} {_SUPERUSER}\n")
        self._write(
            "hba.conf",
            f"local   all {_SUPERUSER} peer map=local-cloud\n"
            f"hostssl all {_SUPERUSER} all reject\n"
            f"hostssl all all {HOST}/32 scram-sha-256\n",
        )

    def _initialize(self) -> None:
        unfinished = self._folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        result = subprocess.run(
            [
                self.installation.binaries / "initdb",
                *("-D", unfinished, "--username", _SUPERUSER),
                *("--auth-local=peer", "--auth-host=scram-sha-256"),
                # The one locale that every system has.
                *("--encoding=UTF8", "--locale=C"),
                "--no-sync",
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            **process_user(self.installation.user),
            encoding="utf-8",
        )
        if result.returncode != 0:
            raise LocalCloudError(f"initdb failed with exit code {result.returncode}:\n{result.stderr}")
        install_extension_guard(self.installation, unfinished)
        unfinished.rename(self._data)

    def _forget_dead_server(self) -> None:
        # PostgreSQL mistakes a killed server that is still a zombie for a running one, and refuses to start.
        for file in (self._data / "postmaster.pid", self._socket.with_name(f"{self._socket.name}.lock")):
            if file.exists():
                pid = int(file.read_text(encoding="utf-8").splitlines()[0])
                if psutil.pid_exists(pid) and psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                    file.unlink()

    def _write(self, name: str, content: str) -> None:
        write_private(self._folder / name, content, user=self.installation.user)

    @property
    def _folder(self) -> Path:
        return self.state / "postgresql"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _socket(self) -> Path:
        return self._folder / f".s.PGSQL.{self.port}"

    @property
    def _superuser_uri(self) -> str:
        return f"postgresql://{_SUPERUSER}@/postgres?host={quote(str(self._folder), safe='')}&port={self.port}"
