"""How the token authenticator's program starts."""

import sys
from collections.abc import Mapping

from local.aws.credentials import ADMINISTRATOR, KeyFile, user_arn
from local.runtime.certificates import Certificates
from local.runtime.ports import AWS, HOST
from local.runtime.process import Part
from modules.model.project import ROOT
from modules.model.selected_settings import SHARED

TOKEN_AUTHENTICATOR = "token-authenticator"


def token_authenticator_part(ports: Mapping[str, int], certificates: Certificates, keys: KeyFile) -> Part:
    """Return the token authenticator, which asks the local STS and EKS; AWS's administrator is also the cluster's."""
    port = ports[TOKEN_AUTHENTICATOR]
    pair = certificates.server(TOKEN_AUTHENTICATOR)
    options = {
        "host": HOST,
        "port": port,
        "certificate": pair.certificate,
        "key": pair.key,
        "client-authority": certificates.client_authority,
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
