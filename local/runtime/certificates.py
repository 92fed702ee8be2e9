"""The local cloud's own certificate authorities and what they issued, created once for each state folder."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trustme

from local.runtime.errors import LocalCloudError
from local.runtime.ports import FRONT_DOOR, HOST
from local.runtime.private_files import private_folder, write_private
from local.runtime.signing_key import create_signing_key, write_public_key

# The certificate that Certificate Manager holds for the load balancers, and that the front door presents.
PUBLIC_HOSTS = "public-hosts"
_FOLDER = "certificates"
# The API server is also reached as a Service of its own cluster.
_SERVERS = {
    "kube-apiserver": (HOST, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"),
    "etcd": (HOST, "localhost"),
    "kube-controller-manager": (HOST, "localhost"),
    "kube-scheduler": (HOST, "localhost"),
    "token-authenticator": (HOST, "localhost"),
    "aws-load-balancer-controller": (HOST, "localhost"),
}
# PostgreSQL's own user holds this certificate's key, and must not be able to use it as a client of etcd.
_DATABASE_SERVERS = {"postgresql": (HOST, "localhost")}
# Kubernetes reads a client certificate's common name as the user and its organization as the group. RBAC's built-in
# bindings know the two names of Kubernetes' own components; the last two are those of service accounts:
# https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles
_CLIENTS = {
    "administrator": "system:masters",
    "kwok": "system:masters",
    "external-secrets": "system:masters",
    FRONT_DOOR: "",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
    "system:serviceaccount:kube-system:aws-load-balancer-controller": "",
    "system:serviceaccount:external-dns:external-dns": "",
}


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """A certificate and its private key, both PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """Paths of everything that was issued. The authorities' own keys are not stored, so nothing more can be issued."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The two certificates that verify every server certificate here."""
        return self.folder / "authority.pem"

    @property
    def client_authority(self) -> Path:
        """The one of them that verifies client certificates. The other one verifies the database server's."""
        return self.folder / "client-authority.pem"

    @property
    def service_account_key(self) -> Path:
        """The RSA key that signs the service accounts' tokens (RS256, as on EKS)."""
        return self.folder / "service-account-key.pem"

    @property
    def service_account_public_key(self) -> Path:
        """The public half of that key, with which STS verifies such a token."""
        return self.folder / "service-account-public-key.pem"

    def server(self, name: str) -> KeyPair:
        """Return the pair with which the part of this name authenticates as a server."""
        return _pair(self.folder, name)

    def client(self, user: str) -> KeyPair:
        """Return the pair with which a Kubernetes client authenticates as this user."""
        return _pair(self.folder, user)


def certificates_of(state: Path) -> Certificates:
    """Return the paths of the state folder's certificates, whether they exist or not."""
    return Certificates(folder=state / _FOLDER)


def issue(state: Path, public: Sequence[str] = ("localhost",)) -> Certificates:
    """Return the state folder's certificates, after creating them if there are none.

    public: the names of the certificate for the load balancers, the primary one first.

    Raises:
        LocalCloudError: an older version created the folder, and it lacks one of them.

    """
    certificates = certificates_of(state)
    folder = certificates.folder
    if not folder.exists():
        # An interrupted run leaves a folder of another name behind, never half a set.
        unfinished = state / f".{_FOLDER}"
        shutil.rmtree(unfinished, ignore_errors=True)
        _issue_all(private_folder(unfinished), public)
        unfinished.rename(folder)
    pairs = (*_SERVERS, *_DATABASE_SERVERS, *_CLIENTS, PUBLIC_HOSTS)
    missing = [name for name in pairs if not _pair(folder, name).key.exists()]
    if not certificates.client_authority.exists():
        missing.append("the clients' authority")
    if missing:
        raise LocalCloudError(f"{folder} holds no certificate for {', '.join(missing)}: run `reset`, then `up`.")
    if not certificates.service_account_public_key.exists():
        write_public_key(certificates.service_account_key, certificates.service_account_public_key)
    return certificates


def _issue_all(folder: Path, public: Sequence[str]) -> None:
    authority = trustme.CA(organization_name="Mosaic Life local cloud")
    database_authority = trustme.CA(organization_name="Mosaic Life local database")
    certificates = Certificates(folder=folder)
    write_private(certificates.client_authority, authority.cert_pem.bytes())
    write_private(certificates.authority, authority.cert_pem.bytes() + database_authority.cert_pem.bytes())
    for issuer, servers in ((authority, _SERVERS), (database_authority, _DATABASE_SERVERS)):
        for name, identities in servers.items():
            _write_pair(folder, name, issuer.issue_cert(*identities, common_name=name))
    for user, group in _CLIENTS.items():
        # Go refuses the empty list of names that would otherwise be in the certificate.
        pair = authority.issue_cert("localhost", common_name=user, organization_name=group or user)
        _write_pair(folder, user, pair)
    # The key type that Certificate Manager uses by default.
    pair = authority.issue_cert(*public, common_name=public[0], key_type=trustme.KeyType.RSA)
    _write_pair(folder, PUBLIC_HOSTS, pair)
    create_signing_key(folder / "service-account-key.pem")


def _write_pair(folder: Path, name: str, issued: trustme.LeafCert) -> None:
    pair = _pair(folder, name)
    write_private(pair.certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    write_private(pair.key, issued.private_key_pem.bytes())


def _pair(folder: Path, name: str) -> KeyPair:
    stem = name.replace(":", "-")
    return KeyPair(certificate=folder / f"{stem}.pem", key=folder / f"{stem}-key.pem")
