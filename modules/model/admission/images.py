"""Images come from the account's registry, and in a protected environment they are immutable."""

from environments.schema.formats import IMMUTABLE_TAG
from modules.model.admission.policy import Policy, Rule, judging

# They create pods from a template that was already checked, or that is older than the policy: pods of a lost node
# return.
_CONTROLLERS = (*("cronjob", "daemon-set", "deployment", "job", "replicaset", "replication", "statefulset"),)
_WRITERS = ", ".join(f"'system:serviceaccount:kube-system:{name}-controller'" for name in _CONTROLLERS)
# For a pod, for an object with a pod template, and for one with a Job template.
_POD = """(has(it.spec.jobTemplate) ? it.spec.jobTemplate.spec.template.spec :
    has(it.spec.template) ? it.spec.template.spec : it.spec)"""
_IMAGES = f"""({_POD}.?containers.orValue([]).map(container, container.?image.orValue(''))
  + {_POD}.?initContainers.orValue([]).map(container, container.?image.orValue(''))
  + {_POD}.?ephemeralContainers.orValue([]).map(container, container.?image.orValue(''))
  + {_POD}.?volumes.orValue([]).filter(volume, has(volume.image)).map(volume, volume.image.?reference.orValue('')))"""

IMAGES = Policy(
    id="images",
    says="images come from the account's registry, and in a protected environment are immutable",
    rules=[
        Rule(group="", resources=["pods", "pods/ephemeralcontainers", "replicationcontrollers"]),
        Rule(group="apps", resources=["daemonsets", "deployments", "replicasets", "statefulsets"]),
        Rule(group="batch", resources=["cronjobs", "jobs"]),
    ],
    only={"no-controller": f"!(request.userInfo.username in [{_WRITERS}])"},
    **judging(
        [
            f"""{_IMAGES}
  .filter(image, !image.startsWith(params.data.registry + '/'))
  .filter(image, !variables.others.exists(other, image == other || image.startsWith(other + ':')
    || image.startsWith(other + '@')))
  .map(image, 'image ' + image + '; allowed: from ' + params.data.registry
    + (params.data.images == '' ? '' : ', ' + variables.others.join(', ')))""",
            f"""{_IMAGES}
  .filter(image, params.data.immutable == 'true' && !image.matches(r'@sha256:[0-9a-f]{{64}}$')
    && !image.matches(r':{IMMUTABLE_TAG}$'))
  .map(image, 'image ' + image + ' can be moved to another build; allowed: prod-COMMIT, staging-COMMIT or COMMIT '
    + '(7 to 40 hex digits), a release such as v1.2.3, or a digest')""",
        ],
        more={"others": "params.data.images.split('\\n').filter(other, other != '')"},
    ),
)
