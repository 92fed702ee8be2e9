"""A namespace keeps the labels that Pod Security and our own objects rely on."""

from modules.model.admission.policy import Policy, Rule, judging
from modules.model.pod_security import ENFORCE

# A dry run with another version makes the API server judge the existing pods, and changes nothing
# (delivery/verification/foreign_pods.py).
_ASKED = f"request.?dryRun.orValue(false) && pair.startsWith('{ENFORCE}-version=')"
_LABELS = "it.metadata.?labels.orValue({})"

NAMESPACES = Policy(
    id="namespaces",
    says="the namespace's labels, Pod Security among them, are those of the environment's settings",
    rules=[Rule(group="", resources=["namespaces"], scope="Cluster")],
    **judging(
        [
            f"""variables.wanted
  .filter(pair, !({_ASKED}))
  .filter(pair, !{_LABELS}.exists(key, key + '=' + {_LABELS}[key] == pair))
  .map(pair, 'label ' + pair.split('=')[0] + ' is "' + {_LABELS}[?pair.split('=')[0]].orValue('')
    + '"; allowed: "' + pair.split('=')[1] + '"')"""
        ],
        more={"wanted": "params.data.labels.split('\\n')"},
    ),
)
