"""What every environment shares: the account as built. Changing a value here changes every environment's plan."""

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
    # The infrastructure's repository owns the provider.
    github=GitHub(identity_provider="existing"),
    default_branch="main",
    account="033691785857",
    region="us-east-1",
    domain="mosaiclife.me",
    # Its alternative names hold the wildcard.
    certificate=Certificate(domain="mosaiclife.me"),
    cluster="mosaiclife-eks",
    vpc_cidr="10.20.0.0/16",
    # The path looks like production's own login, and is the administrator's: production's own is in prod.py.
    database_server=DatabaseServer(
        kind="cluster", name="mosaic-prod-aurora", administrator_secret="mosaic/prod/rds/credentials"
    ),
    load_balancer_group="mosaic-life-main",
    google_oauth_secret="mosaic/prod/google-oauth",
    # The web and the API hosts are siblings under the apex, so they need its domain; the cookie's name keeps
    # environments apart.
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
    # Days in which a state can be taken back to what it was.
    old_state_expires_after=90,
    previews=Previews(repository="mosaic-stories/mosaic-life"),
)
