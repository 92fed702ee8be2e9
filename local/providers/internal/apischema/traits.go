package apischema

import (
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// trait is what hashicorp/kubernetes 2.38 says of a field and its Go type does not.
type trait struct {
	Name        string // where it is not the JSON name in snake case
	Required    bool
	Optional    bool // although the API requires it
	Computed    bool
	ReadOnly    bool // computed and never set
	ForceNew    bool
	Thaw        bool // what lies below it can change although the field around it cannot
	Default     any
	MinItems    int
	MaxItems    int
	Many        bool // one structure in the API, any number of blocks in Terraform
	Set         bool
	Text        bool // a number written as a string, so that an absent one and zero differ
	Octal       bool // a file mode, written as an octal string
	ByValue     bool // quantities: compared by value
	HideIfEmpty bool // an empty one is left out: the server fills in what no one asked for, or it means the same
	SendZero    bool // zero and absent differ for the server, and zero is what is sent
}

var computed = trait{Computed: true}

var optional = trait{Optional: true}

// traits is keyed by API type and JSON name. A type without an entry is derived without any exception.
var traits = map[reflect.Type]map[string]trait{
	reflect.TypeFor[metav1.ObjectMeta](): {
		"name":            {Computed: true, ForceNew: true},
		"generateName":    {ForceNew: true},
		"namespace":       {ForceNew: true},
		"generation":      {ReadOnly: true},
		"resourceVersion": {ReadOnly: true},
		"uid":             {ReadOnly: true},
		"labels":          {Thaw: true},
		"annotations":     {Thaw: true},
	},
	reflect.TypeFor[metav1.LabelSelector](): {
		"matchLabels":      {HideIfEmpty: true},
		"matchExpressions": {Name: "match_expressions", HideIfEmpty: true},
	},
	reflect.TypeFor[metav1.LabelSelectorRequirement](): {"key": optional, "operator": optional, "values": {Set: true}},

	reflect.TypeFor[appsv1.Deployment](): {"spec": {Required: true}},
	reflect.TypeFor[appsv1.DeploymentSpec](): {
		"minReadySeconds":         {Default: 0},
		"paused":                  {Default: false},
		"progressDeadlineSeconds": {Default: 600},
		"replicas":                {Text: true, Computed: true},
		"revisionHistoryLimit":    {Default: 10},
		"selector":                {Optional: true, ForceNew: true},
		"strategy":                computed,
	},
	reflect.TypeFor[appsv1.DeploymentStrategy]():      {"type": {Default: "RollingUpdate"}, "rollingUpdate": computed},
	reflect.TypeFor[appsv1.RollingUpdateDeployment](): {"maxSurge": {Default: "25%"}, "maxUnavailable": {Default: "25%"}},

	reflect.TypeFor[batchv1.Job](): {"spec": {Required: true}},
	reflect.TypeFor[batchv1.JobSpec](): {
		"backoffLimit":            {Default: 6},
		"backoffLimitPerIndex":    {ForceNew: true},
		"completionMode":          {Computed: true, ForceNew: true},
		"completions":             {Default: 1, ForceNew: true},
		"parallelism":             {Default: 1},
		"podFailurePolicy":        {ForceNew: true},
		"selector":                {Computed: true, ForceNew: true},
		"template":                {Required: true, ForceNew: true},
		"ttlSecondsAfterFinished": {Text: true},
	},
	reflect.TypeFor[batchv1.PodFailurePolicyRule]():                   {"action": optional},
	reflect.TypeFor[batchv1.PodFailurePolicyOnExitCodesRequirement](): {"operator": optional, "values": {Required: true, MinItems: 1, MaxItems: 255}},
	reflect.TypeFor[batchv1.PodFailurePolicyOnPodConditionsPattern](): {"type": optional, "status": {Default: "True"}},
	reflect.TypeFor[networkingv1.NetworkPolicy]():                     {"spec": {Required: true}},
	reflect.TypeFor[networkingv1.NetworkPolicySpec]():                 {"podSelector": {Required: true}, "policyTypes": {Required: true, MinItems: 1, MaxItems: 2}},
	reflect.TypeFor[networkingv1.NetworkPolicyIngressRule]():          {"ports": {Name: "ports"}},
	reflect.TypeFor[networkingv1.NetworkPolicyEgressRule]():           {"ports": {Name: "ports"}},
	reflect.TypeFor[networkingv1.NetworkPolicyPort]():                 {"protocol": {Default: "TCP"}},
	reflect.TypeFor[networkingv1.IPBlock]():                           {"cidr": optional},
	reflect.TypeFor[networkingv1.Ingress]():                           {"spec": {Required: true}, "status": {ReadOnly: true}},
	reflect.TypeFor[networkingv1.IngressSpec]():                       {"ingressClassName": computed, "tls": {Name: "tls"}},
	reflect.TypeFor[networkingv1.IngressServiceBackend]():             {"port": {Required: true}},
	reflect.TypeFor[networkingv1.HTTPIngressPath]():                   {"pathType": {Default: "ImplementationSpecific"}, "backend": {Optional: true, HideIfEmpty: true}},
	reflect.TypeFor[corev1.TypedLocalObjectReference]():               {"apiGroup": {Required: true}},
	reflect.TypeFor[policyv1.PodDisruptionBudget]():                   {"spec": {Required: true, ForceNew: true}},
	reflect.TypeFor[policyv1.PodDisruptionBudgetSpec]():               {"selector": {Required: true}},
	reflect.TypeFor[corev1.ServiceAccount]():                          {"automountServiceAccountToken": {Default: true}, "secrets": {Set: true}, "imagePullSecrets": {Set: true}},
	reflect.TypeFor[corev1.ResourceQuotaSpec]():                       {"hard": {ByValue: true}, "scopes": {Set: true, ForceNew: true}},
	reflect.TypeFor[corev1.ScopedResourceSelectorRequirement]():       {"values": {Set: true}},
	reflect.TypeFor[corev1.LimitRangeSpec]():                          {"limits": optional},
	reflect.TypeFor[corev1.LimitRangeItem]():                          {"defaultRequest": computed, "type": optional},
	reflect.TypeFor[rbacv1.PolicyRule]():                              {"apiGroups": {Required: true, Set: true}, "resources": {Required: true, Set: true}, "resourceNames": {Set: true}, "verbs": {Required: true, Set: true}},
	reflect.TypeFor[rbacv1.RoleBinding]():                             {"roleRef": {Required: true, ForceNew: true}, "subjects": {Required: true, MinItems: 1}},
	reflect.TypeFor[rbacv1.ClusterRoleBinding]():                      {"roleRef": {Required: true, ForceNew: true}, "subjects": {Required: true, MinItems: 1}},
	reflect.TypeFor[rbacv1.AggregationRule]():                         {"clusterRoleSelectors": {Name: "cluster_role_selectors"}},
	reflect.TypeFor[rbacv1.Subject]():                                 {"apiGroup": computed, "namespace": {Default: "default"}},
	reflect.TypeFor[autoscalingv2.HorizontalPodAutoscaler]():          {"spec": {Required: true}},
	reflect.TypeFor[autoscalingv2.HorizontalPodAutoscalerSpec]():      {"minReplicas": {Default: 1}, "metrics": computed, "behavior": computed},
	reflect.TypeFor[autoscalingv2.HorizontalPodAutoscalerBehavior]():  {"scaleUp": {Computed: true, Many: true}, "scaleDown": {Computed: true, Many: true}},
	reflect.TypeFor[autoscalingv2.HPAScalingRules]():                  {"policies": {Required: true, MinItems: 1}, "stabilizationWindowSeconds": {SendZero: true}, "selectPolicy": {SendZero: true}},
	reflect.TypeFor[autoscalingv2.MetricIdentifier]():                 {"selector": {Many: true}},
	reflect.TypeFor[autoscalingv2.ResourceMetricSource]():             {"target": optional},
	reflect.TypeFor[autoscalingv2.ContainerResourceMetricSource]():    {"target": optional},
	reflect.TypeFor[autoscalingv2.PodsMetricSource]():                 {"target": optional},
	reflect.TypeFor[autoscalingv2.ObjectMetricSource]():               {"target": optional},
	reflect.TypeFor[autoscalingv2.ExternalMetricSource]():             {"target": optional},
	reflect.TypeFor[corev1.Service]():                                 {"spec": {Required: true}, "status": {ReadOnly: true}},
	reflect.TypeFor[corev1.ClientIPConfig]():                          {"timeoutSeconds": computed},
	reflect.TypeFor[corev1.SessionAffinityConfig]():                   {"clientIP": computed},
	reflect.TypeFor[corev1.ServicePort]():                             {"protocol": {Default: "TCP"}, "targetPort": computed, "nodePort": computed},
	reflect.TypeFor[corev1.ServiceSpec](): {
		"allocateLoadBalancerNodePorts": {Default: true},
		"clusterIP":                     {Computed: true, ForceNew: true},
		"clusterIPs":                    {Computed: true, ForceNew: true, MaxItems: 2},
		"externalIPs":                   {Set: true},
		"externalTrafficPolicy":         computed,
		"healthCheckNodePort":           {Computed: true, ForceNew: true},
		"internalTrafficPolicy":         computed,
		"ipFamilies":                    {Computed: true, MaxItems: 2},
		"ipFamilyPolicy":                computed,
		"loadBalancerClass":             {ForceNew: true},
		"loadBalancerSourceRanges":      {Set: true},
		"ports":                         {MinItems: 1},
		"publishNotReadyAddresses":      {Default: false},
		"sessionAffinity":               {Default: "None"},
		"sessionAffinityConfig":         computed,
		"type":                          {Default: "ClusterIP"},
	},

	reflect.TypeFor[corev1.PodTemplateSpec](): {"metadata": {Required: true}, "spec": {Required: true}},
	reflect.TypeFor[corev1.PodSpec](): {
		"affinity":                      {Thaw: true},
		"automountServiceAccountToken":  {Default: true},
		"containers":                    optional,
		"dnsPolicy":                     {Default: "ClusterFirst"},
		"enableServiceLinks":            {Default: true},
		"hostAliases":                   {Name: "host_aliases"},
		"hostIPC":                       {Default: false},
		"hostNetwork":                   {Default: false},
		"hostPID":                       {Default: false},
		"hostname":                      computed,
		"imagePullSecrets":              {Name: "image_pull_secrets", Computed: true},
		"nodeName":                      computed,
		"readinessGates":                computed,
		"restartPolicy":                 {Default: "Always"},
		"schedulerName":                 computed,
		"securityContext":               {HideIfEmpty: true},
		"serviceAccountName":            computed,
		"shareProcessNamespace":         {Default: false},
		"terminationGracePeriodSeconds": {Default: 30},
		"topologySpreadConstraints":     {Thaw: true},
		"volumes":                       {Thaw: true},
	},
	reflect.TypeFor[corev1.PodSecurityContext](): {
		"fsGroup": {Text: true}, "runAsGroup": {Text: true}, "runAsUser": {Text: true}, "supplementalGroups": {Set: true},
	},
	reflect.TypeFor[corev1.SecurityContext](): {
		"allowPrivilegeEscalation": {Default: true},
		"privileged":               {Default: false},
		"readOnlyRootFilesystem":   {Default: false},
		"runAsGroup":               {Text: true},
		"runAsUser":                {Text: true},
	},
	reflect.TypeFor[corev1.SeccompProfile](): {"type": {Default: "Unconfined"}, "localhostProfile": {Default: ""}},
	reflect.TypeFor[corev1.WindowsSecurityContextOptions](): {
		"hostProcess": {Default: false}, "runAsUserName": {Name: "run_as_username"},
	},
	reflect.TypeFor[corev1.Toleration](): {"operator": {Default: "Equal"}, "tolerationSeconds": {Text: true}},
	reflect.TypeFor[corev1.TopologySpreadConstraint](): {
		"labelSelector":     {Many: true},
		"matchLabelKeys":    {Set: true},
		"maxSkew":           {Default: 1},
		"topologyKey":       optional,
		"whenUnsatisfiable": {Default: "DoNotSchedule"},
	},
	reflect.TypeFor[corev1.PodAffinityTerm](): {
		"labelSelector": {Many: true}, "namespaceSelector": {Many: true}, "namespaces": {Set: true},
	},
	reflect.TypeFor[corev1.NodeSelector]():            {"nodeSelectorTerms": optional},
	reflect.TypeFor[corev1.NodeSelectorRequirement](): {"key": optional, "operator": optional, "values": {Set: true}},
	reflect.TypeFor[corev1.NodeSelectorTerm](): {
		"matchExpressions": {Name: "match_expressions", HideIfEmpty: true},
		"matchFields":      {Name: "match_fields", HideIfEmpty: true},
	},
	reflect.TypeFor[corev1.PodDNSConfigOption](): {"name": {Required: true}},
	reflect.TypeFor[corev1.HostAlias]():          {"hostnames": {Required: true}},

	reflect.TypeFor[corev1.Container](): {
		"imagePullPolicy":          computed,
		"lifecycle":                {Thaw: true},
		"livenessProbe":            {Thaw: true},
		"readinessProbe":           {Thaw: true},
		"resources":                computed,
		"startupProbe":             {Thaw: true},
		"stdin":                    {Default: false},
		"stdinOnce":                {Default: false},
		"terminationMessagePath":   {Default: "/dev/termination-log"},
		"terminationMessagePolicy": computed,
		"tty":                      {Default: false},
		"volumeMounts":             {Thaw: true},
	},
	reflect.TypeFor[corev1.ContainerPort](): {"protocol": {Default: "TCP"}},
	reflect.TypeFor[corev1.ResourceRequirements](): {
		"limits": {Computed: true, ByValue: true}, "requests": {Computed: true, ByValue: true},
	},
	reflect.TypeFor[corev1.VolumeMount]():           {"mountPropagation": {Default: "None"}, "readOnly": {Default: false}},
	reflect.TypeFor[corev1.ConfigMapEnvSource]():    {"name": {Required: true}},
	reflect.TypeFor[corev1.SecretEnvSource]():       {"name": {Required: true}},
	reflect.TypeFor[corev1.ConfigMapKeySelector]():  {"key": optional},
	reflect.TypeFor[corev1.SecretKeySelector]():     {"key": optional},
	reflect.TypeFor[corev1.ObjectFieldSelector]():   {"apiVersion": {Default: "v1"}, "fieldPath": optional},
	reflect.TypeFor[corev1.ResourceFieldSelector](): {"divisor": {Default: "1", ByValue: true}},
	reflect.TypeFor[corev1.Lifecycle]():             {"postStart": {Many: true}, "preStop": {Many: true}},
	reflect.TypeFor[corev1.LifecycleHandler]():      {"tcpSocket": {Many: true}},
	reflect.TypeFor[corev1.ProbeHandler]():          {"tcpSocket": {Many: true}, "grpc": {Many: true}},
	reflect.TypeFor[corev1.Probe](): {
		"failureThreshold": {Default: 3}, "periodSeconds": {Default: 10}, "successThreshold": {Default: 1}, "timeoutSeconds": {Default: 1},
	},
	reflect.TypeFor[corev1.GRPCAction]():    {"service": optional},
	reflect.TypeFor[corev1.HTTPHeader]():    {"name": optional, "value": optional},
	reflect.TypeFor[corev1.HTTPGetAction](): {"port": optional, "scheme": {Default: "HTTP"}},

	reflect.TypeFor[corev1.Volume]():                            {"name": optional},
	reflect.TypeFor[corev1.VolumeSource]():                      {"projected": {Many: true}},
	reflect.TypeFor[corev1.ConfigMapVolumeSource]():             {"defaultMode": {Octal: true, Default: "0644"}, "items": {Name: "items"}},
	reflect.TypeFor[corev1.SecretVolumeSource]():                {"defaultMode": {Octal: true, Default: "0644"}, "items": {Name: "items"}},
	reflect.TypeFor[corev1.DownwardAPIVolumeSource]():           {"defaultMode": {Octal: true, Default: "0644"}, "items": {Name: "items"}},
	reflect.TypeFor[corev1.DownwardAPIVolumeFile]():             {"mode": {Octal: true}},
	reflect.TypeFor[corev1.KeyToPath]():                         {"key": optional, "path": optional, "mode": {Octal: true}},
	reflect.TypeFor[corev1.ProjectedVolumeSource]():             {"defaultMode": {Octal: true, Default: "0644"}, "sources": {Name: "sources", Required: true, MinItems: 1}},
	reflect.TypeFor[corev1.VolumeProjection]():                  {"configMap": {Many: true}, "secret": {Many: true}},
	reflect.TypeFor[corev1.ConfigMapProjection]():               {"items": {Name: "items"}},
	reflect.TypeFor[corev1.SecretProjection]():                  {"items": {Name: "items"}},
	reflect.TypeFor[corev1.DownwardAPIProjection]():             {"items": {Name: "items"}},
	reflect.TypeFor[corev1.ServiceAccountTokenProjection]():     {"expirationSeconds": {Default: 3600}},
	reflect.TypeFor[corev1.HostPathVolumeSource]():              {"path": optional},
	reflect.TypeFor[corev1.PersistentVolumeClaimVolumeSource](): {"claimName": optional, "readOnly": {Default: false}},
	reflect.TypeFor[corev1.EmptyDirVolumeSource]():              {"medium": {Default: ""}, "sizeLimit": {ByValue: true}},
}

// absent lists what the API has and hashicorp/kubernetes 2.38 has not, so that a configuration which works here works
// there, and the volumes that only old in-tree storage drivers know.
var absent = map[reflect.Type]string{
	reflect.TypeFor[metav1.ObjectMeta]():                       "selfLink creationTimestamp deletionTimestamp deletionGracePeriodSeconds ownerReferences finalizers managedFields",
	reflect.TypeFor[appsv1.Deployment]():                       "status",
	reflect.TypeFor[batchv1.Job]():                             "status",
	reflect.TypeFor[batchv1.JobSpec]():                         "suspend podReplacementPolicy managedBy successPolicy",
	reflect.TypeFor[corev1.Namespace]():                        "spec status",
	reflect.TypeFor[corev1.ObjectReference]():                  "kind namespace uid apiVersion resourceVersion fieldPath",
	reflect.TypeFor[corev1.ResourceQuota]():                    "status",
	reflect.TypeFor[policyv1.PodDisruptionBudget]():            "status",
	reflect.TypeFor[policyv1.PodDisruptionBudgetSpec]():        "unhealthyPodEvictionPolicy",
	reflect.TypeFor[autoscalingv2.HorizontalPodAutoscaler]():   "status",
	reflect.TypeFor[autoscalingv2.HPAScalingRules]():           "tolerance",
	reflect.TypeFor[rbacv1.PolicyRule]():                       "nonResourceURLs",
	reflect.TypeFor[networkingv1.IngressLoadBalancerIngress](): "ports",
	reflect.TypeFor[corev1.LoadBalancerIngress]():              "ipMode ports",
	reflect.TypeFor[corev1.ServiceStatus]():                    "conditions",
	reflect.TypeFor[corev1.ServiceSpec]():                      "trafficDistribution",
	reflect.TypeFor[corev1.PodSpec]():                          "ephemeralContainers hostUsers hostnameOverride overhead preemptionPolicy priority resourceClaims resources schedulingGates schedulingGroup serviceAccount setHostnameAsFQDN",
	reflect.TypeFor[corev1.PodSecurityContext]():               "appArmorProfile seLinuxChangePolicy supplementalGroupsPolicy",
	reflect.TypeFor[corev1.SecurityContext]():                  "appArmorProfile procMount windowsOptions",
	reflect.TypeFor[corev1.PodAffinityTerm]():                  "matchLabelKeys mismatchLabelKeys",
	reflect.TypeFor[corev1.Container]():                        "resizePolicy restartPolicy restartPolicyRules",
	reflect.TypeFor[corev1.ResourceRequirements]():             "claims",
	reflect.TypeFor[corev1.VolumeMount]():                      "recursiveReadOnly",
	reflect.TypeFor[corev1.EnvVarSource]():                     "fileKeyRef",
	reflect.TypeFor[corev1.Lifecycle]():                        "stopSignal",
	reflect.TypeFor[corev1.LifecycleHandler]():                 "sleep",
	reflect.TypeFor[corev1.TCPSocketAction]():                  "host",
	reflect.TypeFor[corev1.Probe]():                            "terminationGracePeriodSeconds",
	reflect.TypeFor[corev1.VolumeProjection]():                 "clusterTrustBundle podCertificate",
	reflect.TypeFor[corev1.VolumeSource](): "awsElasticBlockStore azureDisk azureFile cephfs cinder ephemeral fc flexVolume flocker gcePersistentDisk gitRepo " +
		"glusterfs image iscsi photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume",
}

func isAbsent(structure reflect.Type, jsonName string) bool {
	for _, name := range strings.Fields(absent[structure]) {
		if name == jsonName {
			return true
		}
	}
	return false
}
