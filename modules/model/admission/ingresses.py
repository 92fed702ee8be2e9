"""An ingress may use only its environment's own hosts and positions among the load balancer's rules."""

from collections.abc import Mapping

from environments.schema.settings import Shared
from modules.model.admission.policy import Policy, Rule, judging
from modules.model.kubernetes.ingress_annotations import GROUP, HOSTNAME, ORDER, annotation_forms

# Annotations that delivery tools write for themselves.
_BOOKKEEPING = ("argocd.argoproj.io/", "helm.sh/", "kubectl.kubernetes.io/", "meta.helm.sh/")

_GIVEN = "it.metadata.?annotations.orValue({})"
_ALLOWED = "; allowed as group, host and order: ' + variables.places.join(', ')"


def ingresses(shared: Shared) -> Policy:
    """Return the policy. shared: the settings with the allowed certificates."""
    forms = ",\n  ".join(f"'{key}': {_text(form)}" for key, form in annotation_forms(shared).items())
    bookkeeping = " || ".join(f"key.startsWith('{prefix}')" for prefix in _BOOKKEEPING)
    return Policy(
        id="ingresses",
        says="an ingress has the class, group, order, hosts and annotations of the environment's settings",
        rules=[Rule(group="networking.k8s.io", resources=["ingresses"])],
        **judging(
            [
                """(it.spec.?ingressClassName.orValue('') == params.data.ingressClass ? [] :
  ['ingress class "' + it.spec.?ingressClassName.orValue('') + '"; allowed: ' + params.data.ingressClass])""",
                "(has(it.spec.defaultBackend) ? ['a default backend; allowed: none'] : [])",
                f"""it.spec.?rules.orValue([])
  .map(rule, {_GIVEN}[?'{GROUP}'].orValue('none') + ' ' + rule.?host.orValue('*') + ' '
    + {_GIVEN}[?'{ORDER}'].orValue('0'))
  .filter(place, !(place in variables.places)).map(place, 'ingress rule ' + place + '{_ALLOWED})""",
                """it.spec.?tls.orValue([]).filter(tls, !tls.?hosts.orValue([]).all(host, host in variables.hosts))
  .map(tls, 'TLS for ' + tls.hosts.join(' ') + '; allowed: ' + variables.hosts.join(', '))""",
                f"""{_GIVEN}[?'{HOSTNAME}'].orValue('').split(',')
  .filter(host, host != '' && !(host in variables.hosts))
  .map(host, 'public name ' + host + '; allowed: ' + variables.hosts.join(', '))""",
                f"""{_GIVEN}.map(key, key)
  .filter(key, !({bookkeeping}))
  .filter(key, !(key + '=' + {_GIVEN}[key] in variables.ofOwnLoadBalancer))
  .filter(key, !(key in variables.forms && {_GIVEN}[key].matches(variables.forms[key])))
  .map(key, 'annotation ' + key + ' of "' + {_GIVEN}[key] + '"; allowed: '
    + (key in variables.forms ? variables.forms[key] : 'those that the settings give'))""",
            ],
            more=_variables(forms),
        ),
    )


def _variables(forms: str) -> Mapping[str, str]:
    return {
        "places": "params.data.places.split('\\n')",
        "hosts": "variables.places.map(place, place.split(' ')[1])",
        "ofOwnLoadBalancer": "params.data.ofOwnLoadBalancer.split('\\n')",
        "forms": f"{{\n  {forms}\n}}",
    }


def _text(form: str) -> str:
    """A raw string in CEL."""
    return f"r'^({form})$'"
