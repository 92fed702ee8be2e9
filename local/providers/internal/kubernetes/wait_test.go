package kubernetes

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// outcome is what a condition says of a live object.
type outcome string

const (
	reached  outcome = "reached"
	later    outcome = "later"
	hopeless outcome = "never"
)

func TestConditions(t *testing.T) {
	job := func(condition string) object {
		return object{"status": object{"conditions": []any{object{"type": condition, "status": "True"}}}}
	}
	deployment := func(generation int64, status object) object {
		return object{"metadata": object{"generation": generation}, "spec": object{"replicas": int64(2)}, "status": status}
	}
	for name, test := range map[string]struct {
		resource  string
		condition condition
		live      object
		wanted    outcome
	}{
		"a running job":       {"kubernetes_job_v1", completion, object{}, later},
		"a suspended job":     {"kubernetes_job_v1", completion, job("Suspended"), later},
		"a complete job":      {"kubernetes_job_v1", completion, job("Complete"), reached},
		"a failed job":        {"kubernetes_job_v1", completion, job("Failed"), hopeless},
		"an unseen change":    {"kubernetes_deployment_v1", rollout, deployment(2, object{"observedGeneration": int64(1)}), later},
		"replicas to come":    {"kubernetes_deployment_v1", rollout, deployment(1, object{"observedGeneration": int64(1)}), later},
		"replicas not ready":  {"kubernetes_deployment_v1", rollout, deployment(1, object{"observedGeneration": int64(1), "replicas": int64(2), "updatedReplicas": int64(2)}), later},
		"old replicas":        {"kubernetes_deployment_v1", rollout, deployment(1, object{"observedGeneration": int64(1), "replicas": int64(3), "updatedReplicas": int64(2)}), later},
		"a complete rollout":  {"kubernetes_deployment_v1", rollout, deployment(1, object{"observedGeneration": int64(1), "replicas": int64(2), "updatedReplicas": int64(2), "readyReplicas": int64(2), "availableReplicas": int64(2)}), reached},
		"a rollout too late":  {"kubernetes_deployment_v1", rollout, deployment(1, object{"observedGeneration": int64(1), "conditions": []any{object{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}}}), hopeless},
		"a quota not counted": {"kubernetes_resource_quota_v1", quotaObserved, object{"spec": object{"hard": object{"pods": "1"}}}, later},
		"a quota by value":    {"kubernetes_resource_quota_v1", quotaObserved, object{"spec": object{"hard": object{"cpu": "1"}}, "status": object{"hard": object{"cpu": "1000m"}}}, reached},
		"no load balancer":    {"kubernetes_service_v1", serviceLoadBalancer, object{"spec": object{"type": "ClusterIP"}}, reached},
		"a balancer to come":  {"kubernetes_service_v1", serviceLoadBalancer, object{"spec": object{"type": "LoadBalancer"}}, later},
		"an ingress":          {"kubernetes_ingress_v1", ingressLoadBalancer, object{}, reached},
	} {
		data := kinds[test.resource].resource().TestResourceData()
		for attribute, schema := range kinds[test.resource].attributes {
			if schema.Default == true {
				if err := data.Set(attribute, true); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := reached
		if problem := test.condition(t.Context(), data, &unstructured.Unstructured{Object: test.live}, &cluster{}); problem != nil {
			got = hopeless
			if problem.Retryable {
				got = later
			}
		}
		if got != test.wanted {
			t.Errorf("%s: %s, not %s", name, got, test.wanted)
		}
	}
}
