package manifest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

const (
	pollInterval   = 500 * time.Millisecond
	defaultTimeout = 10 * time.Minute
	fieldManager   = "Terraform"
)

// serverSide are the fields that change with every write, or that only the server writes.
var serverSide = []string{"uid", "creationTimestamp", "resourceVersion", "generation", "selfLink", "managedFields"}

// apply creates or changes the object by server-side apply. Nothing is returned, and so nothing is in the state, unless
// the server took the object.
func (s *Server) apply(ctx context.Context, planned place, isNew bool) (*tftypes.Value, []*tfprotov5.Diagnostic) {
	of, client, err := s.find(planned.at("manifest"))
	if err != nil {
		return nil, failed("Failed to apply a kubernetes_manifest", err)
	}
	content := of.payload(overlaid(planned.at("object").value, planned.at("manifest").value)).(map[string]any)
	object := &unstructured.Unstructured{Object: content}
	name := strings.TrimPrefix(object.GetNamespace()+"/"+object.GetName(), "/")
	operation := "update"
	if isNew {
		operation = "create"
	}
	ctx, cancel := context.WithTimeout(ctx, timeout(planned, operation))
	defer cancel()
	if isNew {
		_, err := client.Get(ctx, object.GetName(), metav1.GetOptions{})
		if err == nil {
			return nil, failed("Cannot create resource that already exists", fmt.Errorf("resource %q already exists", name))
		}
		if !errors.IsNotFound(err) {
			return nil, failed(fmt.Sprintf("Failed to determine if resource %q exists", name), err)
		}
	}
	options := metav1.ApplyOptions{FieldManager: fieldManager}
	settings := planned.at("field_manager").at(0)
	if manager, ok := settings.at("name").value.(string); ok {
		options.FieldManager = manager
	}
	options.Force = settings.at("force_conflicts").value == true
	applied, err := client.Apply(ctx, object.GetName(), object, options)
	if errors.IsConflict(err) {
		err = fmt.Errorf("%w\n\nYou can override this by setting force_conflicts in the field_manager block.", err)
	}
	if err != nil {
		return nil, failed(fmt.Sprintf("Failed to apply %s %q", object.GetKind(), name), err)
	}
	var diagnostics []*tfprotov5.Diagnostic
	if conditions := planned.at("wait").at(0); conditions.given() {
		if err := waitFor(ctx, client, object.GetName(), conditions); err != nil {
			diagnostics = failed(fmt.Sprintf("%s %q was applied, but waiting for it failed", object.GetKind(), name), err)
		}
	}
	value, err := of.seen(applied)
	if err != nil {
		return nil, append(diagnostics, failed(fmt.Sprintf("Failed to read %s %q", object.GetKind(), name), err)...)
	}
	return value, diagnostics
}

func (n *node) seen(object *unstructured.Unstructured) (*tftypes.Value, error) {
	delete(object.Object, "status")
	for _, field := range serverSide {
		unstructured.RemoveNestedField(object.Object, "metadata", field)
	}
	value, err := n.encode(object.Object, object.GetKind())
	return &value, err
}

// overlaid lays the manifest over the planned object, in which computed fields are unknown.
func overlaid(object, manifest any) any {
	entries, isMap := manifest.(map[string]any)
	below, belowIsMap := object.(map[string]any)
	if !isMap || !belowIsMap {
		return manifest
	}
	result := map[string]any{}
	for name, entry := range below {
		result[name] = entry
	}
	for name, entry := range entries {
		if entry != nil {
			result[name] = overlaid(below[name], entry)
		}
	}
	return result
}

func timeout(resource place, operation string) time.Duration {
	if text, ok := resource.at("timeouts").at(0).at(operation).value.(string); ok {
		if duration, err := time.ParseDuration(text); err == nil { // validated at plan
			return duration
		}
	}
	return defaultTimeout
}

// waitFor polls until every condition has its status and every field matches its pattern ("*": is there at all).
func waitFor(ctx context.Context, client dynamic.ResourceInterface, name string, wanted place) error {
	for {
		live, err := client.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		missing := unmet(place{live.Object, true}, wanted)
		if missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("timed out waiting on %s", missing)
		case <-time.After(pollInterval):
		}
	}
}

func unmet(live, wanted place) string {
	conditions, _ := wanted.at("condition").value.([]any)
	for i := range conditions {
		condition := wanted.at("condition").at(i)
		if !hasCondition(live, condition.at("type").value, condition.at("status").value) {
			return fmt.Sprintf("condition %v=%v", condition.at("type").value, condition.at("status").value)
		}
	}
	fields, _ := wanted.at("fields").value.(map[string]any)
	for field, pattern := range fields {
		value := live
		for _, found := range pathStep.FindAllStringSubmatch(field, -1) {
			var key any = found[1] + found[3]
			if index, err := strconv.Atoi(found[2]); err == nil {
				key = index
			}
			value = value.at(key)
		}
		expression := fmt.Sprint(pattern)
		if expression == "*" {
			expression = ""
		}
		matcher, err := regexp.Compile(expression)
		if err != nil || !value.given() || !matcher.MatchString(fmt.Sprint(value.value)) {
			return fmt.Sprintf("field %s=%v", field, pattern)
		}
	}
	return ""
}

func hasCondition(live place, kind, status any) bool {
	found, _ := live.at("status").at("conditions").value.([]any)
	for i := range found {
		condition := live.at("status").at("conditions").at(i)
		if condition.at("type").value == kind && condition.at("status").value == status {
			return true
		}
	}
	return false
}
