"""Staging: what is merged to develop, one pod of each, on the account's shared infrastructure."""

from environments.schema.settings import Backups, Environment, Quota, Session, Workload

ENVIRONMENT = Environment(
    name="staging",
    stage="staging",
    branch="develop",
    image_tag="develop",
    web=Workload(
        hosts=("stage.mosaiclife.me",),
        replicas=1,
        ingress_order=110,
    ),
    core_api=Workload(
        hosts=("stage-api.mosaiclife.me",),
        replicas=1,
        ingress_order=120,
    ),
    session=Session(cookie_name="mosaic_staging_session"),
    backups=Backups(expire_after=30),
    quota=Quota(cpu_requests="2", memory_requests="4Gi", cpu_limits="8", memory_limits="8Gi", pods=20),
)
