"""Production: what is merged to main. It was made by hand once and is adopted."""

from environments.schema.database import Database
from environments.schema.settings import Autoscaling, Backups, Environment, Image, Quota, Session, Workload

# Both images of a commit carry one tag.
_TAG = "prod-80d2e05"

ENVIRONMENT = Environment(
    name="prod",
    stage="production",
    branch="main",
    protected=True,
    adopt=True,
    # Every service account of the namespace could assume core-api's role.
    dropped_permissions=("trust:system:serviceaccount:mosaic-prod:*",),
    web=Workload(
        image=Image(tag=_TAG),
        hosts=("mosaiclife.me", "frontend.mosaiclife.me"),
        replicas=2,
        autoscaling=Autoscaling(minimum=2, maximum=10),
        minimum_available=1,
        ingress_order=10,
    ),
    core_api=Workload(
        image=Image(tag=_TAG),
        hosts=("api.mosaiclife.me", "backend.mosaiclife.me"),
        replicas=3,
        autoscaling=Autoscaling(minimum=3, maximum=20),
        minimum_available=2,
        ingress_order=20,
    ),
    # What core-api's migrations ask for.
    database=Database(extensions=("vector", "uuid-ossp", "pg_trgm")),
    session=Session(cookie_name="mosaic_session"),
    backups=Backups(expire_after=365),
    quota=Quota(cpu_requests="12", memory_requests="24Gi", cpu_limits="40", memory_limits="48Gi", pods=60),
)
