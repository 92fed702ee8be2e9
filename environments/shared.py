"""What all environments share: the account as built. A change here changes every environment's plan."""

from environments.schema.certificate import Certificate
from environments.schema.database_server import DatabaseServer
from environments.schema.github import GitHub
from environments.schema.previews import Previews
from environments.schema.settings import ArgoCd, Shared

SHARED = Shared(
    project="mosaic",
    project_tag="MosaicLife",
    application="mosaic-life",
    repository="mosaic-stories/platform",
    # The infrastructure repository owns the identity provider.
    github=GitHub(identity_provider="existing"),
    default_branch="main",
    account="033691785857",
    region="us-east-1",
    domain="mosaiclife.me",
    # The wildcard is one of its alternative names.
    certificate=Certificate(domain="mosaiclife.me"),
    cluster="mosaiclife-eks",
    vpc_cidr="10.20.0.0/16",
    # Despite its path, this is the administrator's login; prod.py has production's own.
    database_server=DatabaseServer(
        kind="cluster", name="mosaic-prod-aurora", administrator_secret="mosaic/prod/rds/credentials"
    ),
    load_balancer_group="mosaic-life-main",
    google_oauth_secret="mosaic/prod/google-oauth",
    # Web and API hosts are siblings below this domain, so the cookie needs it; cookie names separate environments.
    cookie_domain=".mosaiclife.me",
    image_registry="033691785857.dkr.ecr.us-east-1.amazonaws.com",
    ingress_class="alb",
    argocd=ArgoCd(
        namespace="argocd",
        project="mosaic-life",
        chart_repository="https://github.com/mosaic-stories/mosaic-life",
        chart_path="infra/helm/mosaic-life",
        values_repository="https://github.com/mosaic-stories/gitops.git",
        values_branch="main",
    ),
    # Days during which an old version of a state can be restored.
    old_state_expires_after=90,
    previews=Previews(repository="mosaic-stories/mosaic-life"),
)
