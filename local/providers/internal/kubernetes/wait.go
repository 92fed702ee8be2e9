package kubernetes

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/retry"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
)

// wait is what a resource waits for after it was created or updated.
type wait struct{ create, update condition }

// condition looks at the live object: nil when reached, a retryable error while not, another when it never will be.
type condition func(ctx context.Context, data *schema.ResourceData, live *unstructured.Unstructured, c *cluster) *retry.RetryError

func (reached condition) run(ctx context.Context, data *schema.ResourceData, timeout, name string,
	client dynamic.ResourceInterface, c *cluster,
) error {
	if reached == nil {
		return nil
	}
	return retry.RetryContext(ctx, data.Timeout(timeout), func() *retry.RetryError {
		live, err := client.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return retry.NonRetryableError(err)
		}
		return reached(ctx, data, live, c)
	})
}

func notYet(format string, values ...any) *retry.RetryError {
	return retry.RetryableError(fmt.Errorf(format, values...))
}

func never(format string, values ...any) *retry.RetryError {
	return retry.NonRetryableError(fmt.Errorf(format, values...))
}

// typed reads the live object into its API type.
func typed[T any](live *unstructured.Unstructured) (*T, *retry.RetryError) {
	object := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, object); err != nil {
		return nil, retry.NonRetryableError(err)
	}
	return object, nil
}

// completion waits for a Job. A failed one is an error after the object is in the state, so Terraform taints it and the
// next apply replaces it.
func completion(_ context.Context, data *schema.ResourceData, live *unstructured.Unstructured, _ *cluster) *retry.RetryError {
	if !data.Get("wait_for_completion").(bool) {
		return nil
	}
	job, failed := typed[batchv1.Job](live)
	if failed != nil {
		return failed
	}
	for _, condition := range job.Status.Conditions {
		if condition.Status != corev1.ConditionTrue {
			continue
		}
		switch condition.Type {
		case batchv1.JobComplete:
			return nil
		case batchv1.JobFailed:
			return never("job: %s is in failed state: %s: %s", data.Id(), condition.Reason, condition.Message)
		}
	}
	return notYet("job: %s is not in complete state", data.Id())
}

// rollout waits as "kubectl rollout status" does.
func rollout(_ context.Context, data *schema.ResourceData, live *unstructured.Unstructured, _ *cluster) *retry.RetryError {
	if !data.Get("wait_for_rollout").(bool) {
		return nil
	}
	deployment, failed := typed[appsv1.Deployment](live)
	if failed != nil {
		return failed
	}
	status := deployment.Status
	if deployment.Generation > status.ObservedGeneration {
		return notYet("Waiting for rollout to start")
	}
	for _, condition := range status.Conditions {
		if condition.Type == appsv1.DeploymentProgressing && condition.Reason == "ProgressDeadlineExceeded" {
			return never("Deployment exceeded its progress deadline")
		}
	}
	switch {
	case status.UpdatedReplicas < *deployment.Spec.Replicas:
		return notYet("Waiting for rollout to finish: %d out of %d new replicas have been updated...",
			status.UpdatedReplicas, *deployment.Spec.Replicas)
	case status.Replicas > status.UpdatedReplicas:
		return notYet("Waiting for rollout to finish: %d old replicas are pending termination...",
			status.Replicas-status.UpdatedReplicas)
	case status.Replicas > status.ReadyReplicas:
		return notYet("Waiting for rollout to finish: %d replicas wanted; %d replicas Ready",
			status.Replicas, status.ReadyReplicas)
	case status.AvailableReplicas < status.UpdatedReplicas:
		return notYet("Waiting for rollout to finish: %d of %d updated replicas are available...",
			status.AvailableReplicas, status.UpdatedReplicas)
	}
	return nil
}

// quotaObserved waits for the quota controller: until it has counted, the server refuses the namespace's pods.
func quotaObserved(_ context.Context, _ *schema.ResourceData, live *unstructured.Unstructured, _ *cluster) *retry.RetryError {
	quota, failed := typed[corev1.ResourceQuota](live)
	if failed != nil {
		return failed
	}
	if equality.Semantic.DeepEqual(quota.Spec.Hard, quota.Status.Hard) {
		return nil
	}
	return notYet("the quota controller has not yet taken over the limits of %s/%s", quota.Namespace, quota.Name)
}

func defaultServiceAccount(
	ctx context.Context, data *schema.ResourceData, live *unstructured.Unstructured, c *cluster,
) *retry.RetryError {
	if !data.Get("wait_for_default_service_account").(bool) {
		return nil
	}
	client, err := c.dynamicClient()
	if err != nil {
		return retry.NonRetryableError(err)
	}
	accounts := corev1.SchemeGroupVersion.WithResource("serviceaccounts")
	_, err = client.Resource(accounts).Namespace(live.GetName()).Get(ctx, "default", metav1.GetOptions{})
	switch {
	case errors.IsNotFound(err):
		return retry.RetryableError(err)
	case err != nil:
		return retry.NonRetryableError(err)
	}
	return nil
}

func serviceLoadBalancer(_ context.Context, data *schema.ResourceData, live *unstructured.Unstructured, _ *cluster) *retry.RetryError {
	service, failed := typed[corev1.Service](live)
	if failed != nil {
		return failed
	}
	wanted := service.Spec.Type == corev1.ServiceTypeLoadBalancer && data.Get("wait_for_load_balancer").(bool)
	if wanted && len(service.Status.LoadBalancer.Ingress) == 0 {
		return notYet("Waiting for service %q to assign IP/hostname for a load balancer", data.Id())
	}
	return nil
}

func ingressLoadBalancer(_ context.Context, data *schema.ResourceData, live *unstructured.Unstructured, _ *cluster) *retry.RetryError {
	ingress, failed := typed[networkingv1.Ingress](live)
	if failed != nil {
		return failed
	}
	if data.Get("wait_for_load_balancer").(bool) && len(ingress.Status.LoadBalancer.Ingress) == 0 {
		return notYet("Load Balancer is not ready yet")
	}
	return nil
}
