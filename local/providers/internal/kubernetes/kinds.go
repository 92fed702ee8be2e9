package kubernetes

import (
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apischeme "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
)

// kind is one resource type: an API type, and what the provider adds to it.
type kind struct {
	group         apischeme.GroupVersion
	object        reflect.Type
	clusterWide   bool
	schemaVersion int // of the official resource, so that a state can be handed over
	timeouts      schema.ResourceTimeout
	attributes    map[string]*schema.Schema
	adapt         func(map[string]*schema.Schema) // what differs from the type wherever else it is used
	sent, seen    func(object any)                // changes the typed object before it is sent, after it is read
	wait          wait
	frozen        []string // what an update never sends, below spec
}

func (k kind) groupVersionKind() apischeme.GroupVersionKind {
	return k.group.WithKind(k.object.Name())
}

// kinds are the typed resources, by their name in Terraform.
var kinds = map[string]kind{
	"kubernetes_namespace_v1": {
		group: corev1.SchemeGroupVersion, object: reflect.TypeFor[corev1.Namespace](), clusterWide: true,
		timeouts:   schema.ResourceTimeout{Delete: minutes(5)},
		attributes: flag("wait_for_default_service_account", false), wait: wait{create: defaultServiceAccount},
	},
	"kubernetes_service_account_v1": {
		group: corev1.SchemeGroupVersion, object: reflect.TypeFor[corev1.ServiceAccount](),
		timeouts: schema.ResourceTimeout{Create: seconds(30)},
		// Since Kubernetes 1.24 no server makes a token secret, so there is no name to read.
		attributes: map[string]*schema.Schema{"default_secret_name": {Type: schema.TypeString, Computed: true}},
	},
	"kubernetes_config_map_v1":   {group: corev1.SchemeGroupVersion, object: reflect.TypeFor[corev1.ConfigMap]()},
	"kubernetes_limit_range_v1":  {group: corev1.SchemeGroupVersion, object: reflect.TypeFor[corev1.LimitRange]()},
	"kubernetes_role_v1":         {group: rbacv1.SchemeGroupVersion, object: reflect.TypeFor[rbacv1.Role]()},
	"kubernetes_role_binding_v1": {group: rbacv1.SchemeGroupVersion, object: reflect.TypeFor[rbacv1.RoleBinding]()},
	"kubernetes_cluster_role_v1": {
		group: rbacv1.SchemeGroupVersion, object: reflect.TypeFor[rbacv1.ClusterRole](), clusterWide: true,
		adapt: func(attributes map[string]*schema.Schema) {
			// An aggregated role gets its rules from others.
			attributes["rule"].Required, attributes["rule"].Optional, attributes["rule"].Computed = false, true, true
			rule := block(attributes["rule"])
			for _, list := range rule {
				list.Type = schema.TypeList
			}
			for _, optional := range []string{"api_groups", "resources"} {
				rule[optional].Required, rule[optional].Optional = false, true
			}
		},
	},
	"kubernetes_cluster_role_binding_v1": {
		group: rbacv1.SchemeGroupVersion, object: reflect.TypeFor[rbacv1.ClusterRoleBinding](), clusterWide: true,
	},
	"kubernetes_network_policy_v1": {group: networkingv1.SchemeGroupVersion, object: reflect.TypeFor[networkingv1.NetworkPolicy]()},
	"kubernetes_pod_disruption_budget_v1": {
		group: policyv1.SchemeGroupVersion, object: reflect.TypeFor[policyv1.PodDisruptionBudget](),
	},
	"kubernetes_resource_quota_v1": {
		group: corev1.SchemeGroupVersion, object: reflect.TypeFor[corev1.ResourceQuota](),
		timeouts: schema.ResourceTimeout{Create: minutes(1), Update: minutes(1)},
		wait:     wait{create: quotaObserved, update: quotaObserved},
	},
	"kubernetes_horizontal_pod_autoscaler_v2": {
		group: autoscalingv2.SchemeGroupVersion, object: reflect.TypeFor[autoscalingv2.HorizontalPodAutoscaler](),
		adapt: func(attributes map[string]*schema.Schema) {
			// A field of autoscaling/v1 that the official v2 resource has and never reads or sends.
			block(attributes["spec"])["target_cpu_utilization_percentage"] = &schema.Schema{
				Type: schema.TypeInt, Optional: true, Computed: true,
			}
		},
	},
	"kubernetes_service_v1": {
		group: corev1.SchemeGroupVersion, object: reflect.TypeFor[corev1.Service](), schemaVersion: 1,
		timeouts:   schema.ResourceTimeout{Create: minutes(10)},
		attributes: flag("wait_for_load_balancer", true), wait: wait{create: serviceLoadBalancer},
		sent: withoutNodePortAllocation, seen: withNodePortAllocation,
	},
	"kubernetes_ingress_v1": {
		group: networkingv1.SchemeGroupVersion, object: reflect.TypeFor[networkingv1.Ingress](),
		timeouts: schema.ResourceTimeout{Create: minutes(20), Delete: minutes(20)},
		attributes: map[string]*schema.Schema{
			"wait_for_load_balancer": {Type: schema.TypeBool, Optional: true},
		},
		wait: wait{create: ingressLoadBalancer},
	},
	"kubernetes_deployment_v1": {
		group: appsv1.SchemeGroupVersion, object: reflect.TypeFor[appsv1.Deployment](), schemaVersion: 1,
		timeouts:   schema.ResourceTimeout{Create: minutes(10), Update: minutes(10), Delete: minutes(10)},
		attributes: flag("wait_for_rollout", true), wait: wait{create: rollout, update: rollout},
	},
	"kubernetes_job_v1": {
		group: batchv1.SchemeGroupVersion, object: reflect.TypeFor[batchv1.Job](), schemaVersion: 1,
		timeouts:   schema.ResourceTimeout{Create: minutes(1), Update: minutes(1), Delete: minutes(1)},
		attributes: flag("wait_for_completion", true), wait: wait{create: completion, update: completion},
		frozen: []string{"template", "selector"},
		adapt: func(attributes map[string]*schema.Schema) {
			block(attributes["metadata"])["labels"].Computed = true
			template := block(block(attributes["spec"])["template"])
			delete(block(template["metadata"]), "namespace")
			block(template["spec"])["restart_policy"].Default = "Never"
			template["spec"].Required, template["spec"].Optional = false, true
		},
	},
}

func block(attribute *schema.Schema) map[string]*schema.Schema {
	return attribute.Elem.(*schema.Resource).Schema
}

func flag(name string, byDefault bool) map[string]*schema.Schema {
	return map[string]*schema.Schema{name: {Type: schema.TypeBool, Optional: true, Default: byDefault}}
}

func minutes(count int) *time.Duration {
	return schema.DefaultTimeout(time.Duration(count) * time.Minute)
}

func seconds(count int) *time.Duration {
	return schema.DefaultTimeout(time.Duration(count) * time.Second)
}

// withoutNodePortAllocation drops a field that is true by default and that the server allows for one type only.
func withoutNodePortAllocation(object any) {
	service := object.(*corev1.Service)
	if service.Spec.Type != corev1.ServiceTypeLoadBalancer {
		service.Spec.AllocateLoadBalancerNodePorts = nil
	}
}

func withNodePortAllocation(object any) {
	service := object.(*corev1.Service)
	if service.Spec.AllocateLoadBalancerNodePorts == nil {
		service.Spec.AllocateLoadBalancerNodePorts = ptr.To(true)
	}
}
