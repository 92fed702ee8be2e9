package kubernetes

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type object = map[string]any

func one(values object) []any { return []any{values} }

func expanded(t *testing.T, resource string, values object) *unstructured.Unstructured {
	t.Helper()
	result, err := kinds[resource].expand(func(attribute string) any { return values[attribute] })
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestExpandKnowsItsKind(t *testing.T) {
	got := expanded(t, "kubernetes_network_policy_v1", object{"metadata": one(object{"name": "deny", "namespace": "n"})})
	if got.GetAPIVersion() != "networking.k8s.io/v1" || got.GetKind() != "NetworkPolicy" || identifier(got) != "n/deny" {
		t.Errorf("%s %s %s", got.GetAPIVersion(), got.GetKind(), identifier(got))
	}
}

func TestServiceSendsNodePortAllocationForLoadBalancersOnly(t *testing.T) {
	for serviceType, sent := range map[string]bool{"ClusterIP": false, "LoadBalancer": true} {
		got := expanded(t, "kubernetes_service_v1", object{
			"spec": one(object{"type": serviceType, "allocate_load_balancer_node_ports": true}),
		})
		if _, found, _ := unstructured.NestedBool(got.Object, "spec", "allocateLoadBalancerNodePorts"); found != sent {
			t.Errorf("%s: %t", serviceType, found)
		}
	}
}

func TestPatchIsTheDifference(t *testing.T) {
	deployment := func(values object) *unstructured.Unstructured {
		return expanded(t, "kubernetes_deployment_v1", object{
			"metadata": one(object{"name": "web", "labels": values["labels"]}), "spec": one(object{"replicas": values["replicas"]}),
		})
	}
	patch, err := kinds["kubernetes_deployment_v1"].patch(
		deployment(object{"labels": object{"kept": "1", "dropped": "1"}, "replicas": "3"}),
		deployment(object{"labels": object{"kept": "1"}, "replicas": "1"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	if wanted := `{"metadata":{"labels":{"dropped":null}},"spec":{"replicas":1}}`; string(patch) != wanted {
		t.Errorf("%s, not %s", patch, wanted)
	}
}

func TestPatchOfAJobLeavesItsTemplate(t *testing.T) {
	job := func(annotation string, limit int) *unstructured.Unstructured {
		template := one(object{"metadata": one(object{"annotations": object{"version": annotation}})})
		return expanded(t, "kubernetes_job_v1", object{"spec": one(object{"backoff_limit": limit, "template": template})})
	}
	patch, err := kinds["kubernetes_job_v1"].patch(job("1", 1), job("2", 2))
	if err != nil {
		t.Fatal(err)
	}
	if wanted := `{"spec":{"backoffLimit":2}}`; string(patch) != wanted {
		t.Errorf("%s, not %s", patch, wanted)
	}
}

func TestLabelsOfOthersAreNoDrift(t *testing.T) {
	values := object{"metadata": one(object{"name": "job", "labels": object{"own.kubernetes.io/label": "1"}})}
	data := schema.TestResourceDataRaw(t, kinds["kubernetes_job_v1"].resource().Schema, values)
	labels := func() map[string]string {
		return map[string]string{
			"own.kubernetes.io/label": "1", "other.kubernetes.io/label": "1", "app.kubernetes.io/name": "1", "by-hand": "1",
			"job-name": "1", "batch.kubernetes.io/job-name": "1",
		}
	}
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Labels: labels()}}
	job.Spec.Template = corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"job-name": "1", "by-hand": "1"}}}
	(&cluster{}).removeForeignKeys(job, data)
	for label, kept := range map[string]bool{
		"own.kubernetes.io/label": true, "other.kubernetes.io/label": false, "app.kubernetes.io/name": true, "by-hand": true,
		"job-name": false, "batch.kubernetes.io/job-name": false,
	} {
		if _, found := job.Labels[label]; found != kept {
			t.Errorf("%s: %t", label, found)
		}
	}
	if len(job.Spec.Template.Labels) != 1 {
		t.Errorf("the template's labels: %v", job.Spec.Template.Labels)
	}
}

func TestIDsThatAreNoneNameWhatIsExpected(t *testing.T) {
	for resource, wanted := range map[string]string{
		"kubernetes_deployment_v1": `Unexpected ID format ("a/b/c"), expected "namespace/name".`,
		"kubernetes_namespace_v1":  `Unexpected ID format ("a/b/c"), expected "name".`,
	} {
		data := kinds[resource].resource().TestResourceData()
		data.SetId("a/b/c")
		if _, _, err := kinds[resource].find(data, &cluster{}); err == nil || err.Error() != wanted {
			t.Errorf("%s: %v", resource, err)
		}
	}
}

func TestMetadataIsValidatedAtPlan(t *testing.T) {
	attributes := block(kinds["kubernetes_deployment_v1"].resource().Schema["metadata"])
	for attribute, values := range map[string]map[any]bool{
		"name":          {"web": true, "Web": false, "a b": false},
		"generate_name": {"web-": true, "Web-": false},
	} {
		for value, valid := range values {
			if _, found := attributes[attribute].ValidateFunc(value, attribute); (len(found) == 0) != valid {
				t.Errorf("%s = %q: %v", attribute, value, found)
			}
		}
	}
	for attribute, pairs := range map[string]map[[2]string]bool{
		"labels":      {{"app.kubernetes.io/name", "web"}: true, {"a b", "web"}: false, {"app", "a b"}: false},
		"annotations": {{"Note", "a b"}: true, {"a b", "web"}: false},
	} {
		for pair, valid := range pairs {
			_, found := attributes[attribute].ValidateFunc(object{pair[0]: pair[1]}, attribute)
			if (len(found) == 0) != valid {
				t.Errorf("%s %v: %v", attribute, pair, found)
			}
		}
	}
}
