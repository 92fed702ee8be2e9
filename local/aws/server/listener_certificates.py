"""Makes moto describe a listener with its default certificate only, as Elastic Load Balancing does.

Additional certificates are in DescribeListenerCertificates.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
"""

from moto.elbv2.responses import ELBV2Response

_LISTENER = "Output.Listeners.Listener.Certificates"


def install() -> None:
    """Change every response that describes listeners."""
    for action in ("CreateListener", "DescribeListeners", "ModifyListener"):
        ELBV2Response.RESPONSE_KEY_PATH_TO_TRANSFORMER[action + _LISTENER] = _default


def _default(certificates: list[str]) -> list[dict[str, str]] | None:
    return [{"CertificateArn": certificate} for certificate in certificates[:1]] or None
