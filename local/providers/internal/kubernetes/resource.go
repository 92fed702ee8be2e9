package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/retry"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"mosaiclife.me/local/providers/internal/apischema"
)

// resource makes the Terraform resource of a kind; all kinds share these five operations.
func (k kind) resource() *schema.Resource {
	attributes := apischema.Of(k.object, false)
	attributes["metadata"].Required, attributes["metadata"].Optional = true, false
	if k.clusterWide {
		delete(block(attributes["metadata"]), "namespace")
	} else {
		block(attributes["metadata"])["namespace"].Default = "default"
	}
	validateMetadata(block(attributes["metadata"]))
	maps.Copy(attributes, k.attributes)
	if k.adapt != nil {
		k.adapt(attributes)
	}
	resource := &schema.Resource{
		SchemaVersion: k.schemaVersion,
		Schema:        attributes,
		CreateContext: k.create,
		ReadContext:   k.read,
		UpdateContext: k.update,
		DeleteContext: k.delete,
		Importer:      &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext},
	}
	if k.timeouts != (schema.ResourceTimeout{}) {
		resource.Timeouts = &k.timeouts
	}
	return resource
}

func (k kind) create(ctx context.Context, data *schema.ResourceData, provider any) diag.Diagnostics {
	object, err := k.expand(data.Get)
	if err != nil {
		return diag.FromErr(err)
	}
	client, err := k.client(provider, object.GetNamespace())
	if err != nil {
		return diag.FromErr(err)
	}
	created, err := client.Create(ctx, object, metav1.CreateOptions{})
	if err != nil {
		return diag.Errorf("Failed to create %s %q: %s", k.object.Name(), identifier(object), err)
	}
	// From here on the object is in the state: what fails below leaves it there, tainted.
	data.SetId(identifier(created))
	if err := k.wait.create.run(ctx, data, schema.TimeoutCreate, created.GetName(), client, provider.(*cluster)); err != nil {
		return diag.FromErr(err)
	}
	return k.read(ctx, data, provider)
}

func (k kind) read(ctx context.Context, data *schema.ResourceData, provider any) diag.Diagnostics {
	client, name, err := k.find(data, provider)
	if err != nil {
		return diag.FromErr(err)
	}
	live, err := client.Get(ctx, name, metav1.GetOptions{})
	if errors.IsNotFound(err) {
		data.SetId("")
		return nil
	}
	if err != nil {
		return diag.Errorf("Failed to read %s %q: %s", k.object.Name(), data.Id(), err)
	}
	object := reflect.New(k.object)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, object.Interface()); err != nil {
		return diag.Errorf("Failed to read %s %q: %s", k.object.Name(), data.Id(), err)
	}
	provider.(*cluster).removeForeignKeys(object.Interface(), data)
	if k.seen != nil {
		k.seen(object.Interface())
	}
	values := apischema.Flatten(object.Elem())
	for attribute := range apischema.Of(k.object, false) {
		if err := data.Set(attribute, values[attribute]); err != nil {
			return diag.FromErr(err)
		}
	}
	for name, attribute := range k.attributes {
		if attribute.Computed { // known to be empty: see the table of kinds
			if err := data.Set(name, ""); err != nil {
				return diag.FromErr(err)
			}
		}
	}
	return nil
}

// update sends the difference between the state and the plan only, so that what others set stays.
func (k kind) update(ctx context.Context, data *schema.ResourceData, provider any) diag.Diagnostics {
	client, name, err := k.find(data, provider)
	if err != nil {
		return diag.FromErr(err)
	}
	before, err := k.expand(func(attribute string) any {
		old, _ := data.GetChange(attribute)
		return old
	})
	if err != nil {
		return diag.FromErr(err)
	}
	after, err := k.expand(data.Get)
	if err != nil {
		return diag.FromErr(err)
	}
	patch, err := k.patch(before, after)
	if err != nil {
		return diag.FromErr(err)
	}
	if _, err := client.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return diag.Errorf("Failed to update %s %q: %s", k.object.Name(), data.Id(), err)
	}
	if err := k.wait.update.run(ctx, data, schema.TimeoutUpdate, name, client, provider.(*cluster)); err != nil {
		return diag.FromErr(err)
	}
	return k.read(ctx, data, provider)
}

// delete waits until the object is gone: finalizers run first, and for a Job its pods go before it.
func (k kind) delete(ctx context.Context, data *schema.ResourceData, provider any) diag.Diagnostics {
	client, name, err := k.find(data, provider)
	if err != nil {
		return diag.FromErr(err)
	}
	foreground := metav1.DeletePropagationForeground
	options := metav1.DeleteOptions{}
	if len(k.frozen) > 0 {
		options.PropagationPolicy = &foreground
	}
	err = client.Delete(ctx, name, options)
	if err != nil && !errors.IsNotFound(err) {
		return diag.Errorf("Failed to delete %s %q: %s", k.object.Name(), data.Id(), err)
	}
	return diag.FromErr(retry.RetryContext(ctx, data.Timeout(schema.TimeoutDelete), func() *retry.RetryError {
		_, err := client.Get(ctx, name, metav1.GetOptions{})
		if errors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return retry.NonRetryableError(err)
		}
		return retry.RetryableError(fmt.Errorf("%s %q still exists", k.object.Name(), data.Id()))
	}))
}

// expand makes the API object from the attributes that get gives.
func (k kind) expand(get func(string) any) (*unstructured.Unstructured, error) {
	values := map[string]any{}
	for attribute := range apischema.Of(k.object, false) {
		values[attribute] = get(attribute)
	}
	object := reflect.New(k.object)
	if err := apischema.Expand(values, object.Elem()); err != nil {
		return nil, fmt.Errorf("%s: %w", k.object.Name(), err)
	}
	if k.sent != nil {
		k.sent(object.Interface())
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object.Interface())
	if err != nil {
		return nil, err
	}
	result := &unstructured.Unstructured{Object: content}
	result.SetGroupVersionKind(k.groupVersionKind())
	return result, nil
}

func (k kind) patch(before, after *unstructured.Unstructured) ([]byte, error) {
	for _, field := range k.frozen {
		unstructured.RemoveNestedField(before.Object, "spec", field)
		unstructured.RemoveNestedField(after.Object, "spec", field)
	}
	old, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	wanted, err := json.Marshal(after)
	if err != nil {
		return nil, err
	}
	return jsonpatch.CreateMergePatch(old, wanted)
}

func (k kind) client(provider any, namespace string) (dynamic.ResourceInterface, error) {
	client, err := provider.(*cluster).dynamicClient()
	if err != nil {
		return nil, err
	}
	plural, _ := meta.UnsafeGuessKindToResource(k.groupVersionKind())
	if k.clusterWide {
		return client.Resource(plural), nil
	}
	return client.Resource(plural).Namespace(namespace), nil
}

// find reads where the object is from the resource's id: "name", or "namespace/name".
func (k kind) find(data *schema.ResourceData, provider any) (dynamic.ResourceInterface, string, error) {
	namespace, name, namespaced := strings.Cut(data.Id(), "/")
	if k.clusterWide {
		namespace, name, namespaced = "", data.Id(), !namespaced
	}
	if !namespaced || strings.Contains(name, "/") {
		expected := "namespace/name"
		if k.clusterWide {
			expected = "name"
		}
		return nil, "", fmt.Errorf("Unexpected ID format (%q), expected %q.", data.Id(), expected)
	}
	client, err := k.client(provider, namespace)
	return client, name, err
}

func identifier(object *unstructured.Unstructured) string {
	name := object.GetName()
	if name == "" {
		name = object.GetGenerateName()
	}
	if object.GetNamespace() == "" {
		return name
	}
	return object.GetNamespace() + "/" + name
}
