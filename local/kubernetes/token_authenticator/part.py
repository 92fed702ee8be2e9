"""EKS tokens: how the program is started that tells the API server who holds one."""

import sys
from collections.abc import Mapping

from environments.shared import SHARED
from local.aws.credentials import ADMINISTRATOR, KeyFile, user_arn
from local.runtime.certificates import Certificates
from local.runtime.ports import AWS, HOST
from local.runtime.process import Part
from modules.model.project import ROOT

TOKEN_AUTHENTICATOR = "token-authenticator"


def part(ports: Mapping[str, int], certificates: Certificates, keys: KeyFile) -> Part:
    """Return the token authenticator, which asks the local STS and EKS and makes its administrator the cluster's."""
    port = ports[TOKEN_AUTHENTICATOR]
    pair = certificates.server(TOKEN_AUTHENTICATOR)
    options = {
        "host": HOST,
        "port": port,
        "certificate": pair.certificate,
        "key": pair.key,
        "sts": f"{HOST}:{ports[AWS]}",
        "cluster": SHARED.cluster,
        "account": SHARED.account,
        "administrator": user_arn(ADMINISTRATOR),
        "keys": keys.path,
    }
    url = f"https://{HOST}:{port}"
    return Part(
        name=TOKEN_AUTHENTICATOR,
        version=f"Python {sys.version.split()[0]}",
        port=port,
        address=url,
        health=f"{url}/healthz",
        command=(
            sys.executable,
            "-m",
            "local.kubernetes.token_authenticator.program",
            *(f"--{it}={options[it]}" for it in options),
        ),
        environment={"PYTHONPATH": str(ROOT)},
    )
