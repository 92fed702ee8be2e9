package kubernetes

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// jobLabels are added by the Job controller: https://kubernetes.io/docs/reference/labels-annotations-taints/
var jobLabels = []string{"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"}

// removeForeignKeys drops the labels and annotations that the server or a controller added, and that the resource does
// not have itself: they are no drift.
func (c *cluster) removeForeignKeys(object any, data *schema.ResourceData) {
	meta := object.(metav1.Object)
	for attribute, keys := range map[string]map[string]string{
		"labels": meta.GetLabels(), "annotations": meta.GetAnnotations(),
	} {
		own := data.Get(fmt.Sprintf("metadata.0.%s", attribute)).(map[string]any)
		for key := range keys {
			if _, mine := own[key]; !mine && (isInternal(key) || matchesAny(key, c.ignored[attribute])) {
				delete(keys, key)
			}
		}
	}
	if job, ok := object.(*batchv1.Job); ok && !data.Get("spec.0.manual_selector").(bool) {
		for _, label := range jobLabels {
			delete(job.Labels, label)
			delete(job.Spec.Template.Labels, label)
			if job.Spec.Selector != nil {
				delete(job.Spec.Selector.MatchLabels, label)
			}
		}
	}
}

// isInternal tells the keys of Kubernetes' own domains, except the two that are meant for users.
func isInternal(key string) bool {
	domain, _, _ := strings.Cut(key, "/")
	switch domain {
	case "app.kubernetes.io", "service.beta.kubernetes.io":
		return false
	}
	return strings.HasSuffix(domain, "kubernetes.io")
}

func matchesAny(key string, patterns []*regexp.Regexp) bool {
	for _, pattern := range patterns {
		if pattern.MatchString(key) {
			return true
		}
	}
	return false
}
