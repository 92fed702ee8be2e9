"""Keeps moto's in-memory state on disk: every service's objects in one pickle, S3 contents in files beside it.

A snapshot is taken before the response to a request that may change something, so that even a killed server loses
nothing that it has confirmed. This takes some milliseconds: contents of S3 objects are written once, under their hash,
and the pickle only names them.
"""

import hashlib
import io
import pickle
import platform
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.s3.models import FakeKey

from local.runtime.errors import LocalCloudError
from local.runtime.private_files import private_folder, write_private

_LOCKS = (type(threading.Lock()), type(threading.RLock()))
_VERSIONS = {"moto": version("moto"), "python": ".".join(platform.python_version_tuple()[:2])}
# Where FakeKey keeps the hash of its content, which never changes: new content creates a new FakeKey.
_DIGEST = "_content_digest"


@dataclass(frozen=True)
class _Content:
    """Stands for the content of an S3 object in the pickle.

    Not by pickle's persistent_id, which would be asked about each text and number: that takes half as long again.
    """

    digest: str

    def __reduce__(self) -> tuple[Callable[[str], bytes], tuple[str]]:
        return _read_content, (self.digest,)


class Snapshot:
    """The snapshot file and contents folder below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._file = private_folder(folder) / "backends.pickle"
        self._contents = private_folder(folder / "contents")
        self._last = b""

    def save(self) -> None:
        """Write moto's current state. The caller ensures that no request changes it in the meantime.

        Raises:
            LocalCloudError: a service holds something that cannot be written.
            OSError: the disk is full or not writable; the earlier snapshot is then still there.

        """
        backends = {
            (service.service_name, account, region): backend
            for service in vars(BackendDict)["_instances"]  # moto has no public list of the services in use
            for account, region, backend in service.iter_backends()
        }
        buffer = io.BytesIO()
        pickle.dump(_VERSIONS, buffer)
        try:
            _Pickler(buffer, self._contents).dump(backends)
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            raise LocalCloudError(
                f"the local cloud cannot save the state of one of its services ({error}); services in use: "
                f"{', '.join(sorted({service for service, _, _ in backends}))}."
            ) from error
        if buffer.getvalue() != self._last:
            write_private(self._file, buffer.getvalue())
            self._last = buffer.getvalue()

    def restore(self) -> None:
        """Restore the state that was saved last; without one, leave moto as it is.

        Raises:
            LocalCloudError: the snapshot was written by other versions of moto or Python, or is damaged.

        """
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            try:
                versions = pickle.load(file)  # noqa: S301 our own file, in a folder of mode 0700
                unpickler = _Unpickler(file, self._contents)
                backends = unpickler.load() if versions == _VERSIONS else None
            # Unpickling calls what the file names: a damaged file can raise anything.
            except Exception as error:
                raise LocalCloudError(f"{self._file} is damaged ({error!r}): run `reset`.") from error
        if backends is None:
            raise LocalCloudError(f"{self._file} was written by {versions}, but this is {_VERSIONS}: run `reset`.")
        for (service, account, region), backend in backends.items():
            get_backend(service)[account][region] = backend
        for content in self._contents.iterdir():
            if content.name not in unpickler.used:
                content.unlink()


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, contents: Path) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._contents = contents

    def reducer_override(self, obj: object) -> Any:  # noqa: ANN401 defined so by pickle
        if isinstance(obj, FakeKey):
            return self._reduce_key(obj)
        if isinstance(obj, dict) and type(obj).__module__.startswith("moto."):
            # moto's dict subclasses may show less than they hold: the one for S3 objects shows only the newest
            # versions.
            return _empty, (type(obj),), (dict(dict.items(obj)), obj.__dict__), None, None, _fill
        if isinstance(obj, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            pem = obj.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            return _private_key, (pem,)
        if isinstance(obj, x509.Certificate):
            return _certificate, (obj.public_bytes(Encoding.PEM),)
        if isinstance(obj, _LOCKS):
            return threading.Lock if isinstance(obj, _LOCKS[0]) else threading.RLock, ()
        return NotImplemented

    def _reduce_key(self, key: FakeKey) -> tuple[Callable[..., Any], tuple[type], dict[str, Any]]:
        if _DIGEST not in key.__dict__:
            # A deleted object's content is closed; only a delete marker may still name the object.
            content = b"" if key._value_buffer.closed else key.value  # noqa: SLF001
            digest = hashlib.sha256(content).hexdigest()
            if not (self._contents / digest).exists():
                write_private(self._contents / digest, content)
            key.__dict__[_DIGEST] = digest
        state = {name: value for name, value in key.__dict__.items() if name not in {"_value_buffer", "lock"}}
        return FakeKey.__new__, (FakeKey,), state | {"value": _Content(key.__dict__[_DIGEST])}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BufferedReader, contents: Path) -> None:
        super().__init__(file)
        self._contents = contents
        self.used: set[str] = set()

    def find_class(self, module_name: str, global_name: str, /) -> Any:  # noqa: ANN401 defined so by pickle
        if (module_name, global_name) == (__name__, _read_content.__name__):
            return self._read
        return super().find_class(module_name, global_name)

    def _read(self, digest: str) -> bytes:
        self.used.add(digest)
        return (self._contents / digest).read_bytes()


# Defined here because pickle cannot name functions of a compiled module.


def _read_content(digest: str) -> bytes:
    raise LookupError(f"{digest}: only the unpickler of this file knows the folder of contents")


def _empty(kind: type[dict[Any, Any]]) -> dict[Any, Any]:
    return kind.__new__(kind)


def _fill(found: dict[Any, Any], state: tuple[dict[Any, Any], dict[str, Any]]) -> None:
    items, attributes = state
    dict.update(found, items)
    found.__dict__.update(attributes)


def _private_key(pem: bytes) -> PrivateKeyTypes:
    return load_pem_private_key(pem, password=None)


def _certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)
