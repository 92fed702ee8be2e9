"""The migration of one database by one image."""

from collections.abc import Mapping

from cdktf import TerraformResource
from cdktf_cdktf_provider_kubernetes import job_v1
from cdktf_cdktf_provider_kubernetes.job_v1 import JobV1, JobV1Metadata, JobV1Spec, JobV1Timeouts
from constructs import Construct

from modules.model.kubernetes.pod_template import PodTemplate
from modules.model.kubernetes.rollout import MIGRATION_DEADLINE_SECONDS, MIGRATION_RETRIES

# Kubernetes' own verdict comes first.
_TIMEOUT = f"{MIGRATION_DEADLINE_SECONDS // 60 + 1}m"


class MigrationJob(Construct):
    """A Job that runs once for each image and database, and blocks what depends on it until it is complete.

    A failed Job is tainted, and the next apply replaces it. A finished Job has no time to live, because Terraform would
    create a deleted one again.

    Args:
        name: name of the object; it contains the image's tag, so that another image is another Job.
        namespace: namespace of the object.
        labels: labels of the object.
        pod: what runs.
        database_creation: resource whose replacement replaces the Job, and so runs it again.

    Raises:
        ValueError: the pod has annotations. The pod of a Job never changes; the Kubernetes provider would plan a
            changed annotation as an update, never send it, and plan it again for ever. A changed label replaces the
            Job.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        pod: PodTemplate,
        database_creation: TerraformResource,
    ) -> None:
        super().__init__(scope, id_)
        if pod.annotations:
            raise ValueError(
                f"{self.node.path}: the pod of a Job has the annotations {dict(pod.annotations)}; allowed: none, "
                "because a change to them would never reach the cluster; a label does"
            )
        job = JobV1(
            self,
            "resource",
            metadata=JobV1Metadata(name=name, namespace=namespace, labels=labels),
            spec=JobV1Spec(
                backoff_limit=MIGRATION_RETRIES,
                active_deadline_seconds=MIGRATION_DEADLINE_SECONDS,
                template=pod.render(job_v1, "JobV1SpecTemplate"),
            ),
            wait_for_completion=True,
            timeouts=JobV1Timeouts(create=_TIMEOUT, update=_TIMEOUT),
        )
        # CDKTF 0.21 has this argument and writes ${...} around the reference, which Terraform does not read here.
        job.add_override(
            "lifecycle.replace_triggered_by",
            [f"{database_creation.terraform_resource_type}.{database_creation.friendly_unique_id}"],
        )
