"""What is trimmed from the controllers, and how they are adapted to the servers' release of the Kubernetes client.

That client is already in Go's build cache when they are compiled; docs/local-engines.md says what this saves.
"""

from local.build.trimmed_source import Edit, Registration, TrimmedSource

# The operator's controllers import all 36 providers and 14 generators; the local cloud has stores of one kind. Its
# webhooks, which do not run here, need an older controller-runtime.
EXTERNAL_SECRETS_SOURCE = TrimmedSource(
    module="github.com/external-secrets/external-secrets",
    entries=("apis", "cmd", "pkg", "main.go", "go.mod"),
    registrations=(
        Registration(file="pkg/provider/register/register.go", keep=("aws",)),
        Registration(file="pkg/generator/register/register.go", keep=()),
    ),
    edits=(
        *(
            Edit(file=f"apis/externalsecrets/{version}/{kind}_webhook.go", pattern=r"^import (?:.*\n)+")
            for version in ("v1", "v1beta1")
            for kind in ("externalsecret", "secretstore")
        ),
        Edit(
            file="cmd/controller/webhook.go",
            pattern=r"^\t\tif err = .*\.SetupWebhookWithManager\(mgr\).*\n(?:\t\t\t.*\n)+\t\t}\n",
        ),
    ),
)
# It lacks two methods of the Kubernetes client's stores, and its webhook server would listen on every address of the
# machine, which no option changes.
LOAD_BALANCER_CONTROLLER_SOURCE = TrimmedSource(
    module="sigs.k8s.io/aws-load-balancer-controller",
    entries=("apis", "controllers", "pkg", "webhooks", "main.go", "go.mod"),
    edits=(
        Edit(
            file="pkg/config/runtime_config.go",
            pattern=r"webhook\.Options\{$",
            replacement='webhook.Options{\n\t\t\tHost: "127.0.0.1",',
        ),
        *(
            Edit(
                file=f"pkg/{name}_store.go",
                pattern=r"^var _ cache\.Store = &(\w+)(?:\[client\.Object\])?\{\}$",
                replacement=rf"""
func (s *\1{parameters}) Bookmark(version string) {{ s.store.Bookmark(version) }}

func (s *\1{parameters}) LastStoreSyncResourceVersion() string {{ return s.store.LastStoreSyncResourceVersion() }}
""",
            )
            for name, parameters in (("k8s/conversion", ""), ("k8s/secrets", ""), ("aga/resource", "[T]"))
        ),
    ),
)
# Keeps one of its 27 providers, AWS, and one of its 24 sources, ingresses.
EXTERNAL_DNS_SOURCE = TrimmedSource(
    module="sigs.k8s.io/external-dns",
    entries=(
        *("apis", "controller", "endpoint", "internal", "pkg", "plan", "provider", "registry", "main.go", "go.mod"),
        *(f"source/{name}" for name in ("annotations", "informers", "template", "types", "wrappers")),
        *(f"source/{name}.go" for name in ("empty", "endpoints", "ingress", "source", "store", "utils")),
    ),
    edits=(
        *(
            Edit(file="source/store.go", pattern=pattern)
            for pattern in (
                r"^\tcase types\.(?!Ingress:)\w+:\n.*\n",
                r"^func build(?!Ingress|With)\w+\((?:.*\n)+?}\n",
                r"^func (?:\(p \*\w+\) )?(?:Gateway|Istio|OpenShift|NewIstio)Client\((?:.*\n)+?}\n",
                r"^\t(?:GatewayClient|IstioClient|OpenShiftClient)\(.*\n",
                r"^\t(?:gatewayClient|istioClient|openshiftClient) .*\n",
                r'^\t(?:"fmt"|(?:openshift|istioclient|gateway) ".*)\n',
            )
        ),
        *(
            Edit(file="provider/factory/provider.go", pattern=pattern)
            for pattern in (
                r'^\t"sigs.k8s.io/external-dns/provider/(?!aws")\w+"\n',
                r"^\t\texternaldns\.Provider(?!AWS:)\w+:\s+.*\n",
            )
        ),
    ),
)
