package manifest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// identity are the parts of a manifest that make it another object.
var identity = [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}, {"metadata", "namespace"}}

// PlanResourceChange asks the server for the object's type, so it needs the server (and the custom resource's
// definition) at plan, as the official resource does.
func (s *Server) PlanResourceChange(ctx context.Context, request *tfprotov5.PlanResourceChangeRequest) (*tfprotov5.PlanResourceChangeResponse, error) {
	if request.TypeName != resourceType {
		return s.ProviderServer.PlanResourceChange(ctx, request)
	}
	response := &tfprotov5.PlanResourceChangeResponse{PlannedState: request.ProposedNewState}
	proposed, attributes, err := read(request.ProposedNewState)
	if err != nil || attributes == nil { // nothing is left to plan for a deletion
		return response, err
	}
	prior, _, err := read(request.PriorState)
	if err != nil {
		return response, err
	}
	now, before := proposed.at("manifest"), prior.at("manifest")
	if before.given() {
		for _, path := range identity {
			if attribute, changed := difference(now, before, path); changed {
				response.RequiresReplace = append(response.RequiresReplace, attribute)
			}
		}
	}
	object := tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	if identified(now) {
		of, _, err := s.find(now)
		if err != nil {
			response.Diagnostics = failed("Failed to plan a kubernetes_manifest", err)
			return response, nil
		}
		if err := of.refuseUntyped(now.value, "manifest"); err != nil {
			response.Diagnostics = failed("Manifest configuration incompatible with resource schema", err)
			return response, nil
		}
		fields, _ := proposed.at("computed_fields").value.([]any)
		live := prior.at("object")
		live.found = live.given() && len(response.RequiresReplace) == 0
		planned := planner{computedPaths(fields)}.plan(of, "", now, before, live)
		if object, err = of.encode(planned, "manifest"); err != nil {
			response.Diagnostics = failed("Manifest configuration incompatible with resource schema", err)
			return response, nil
		}
	}
	attributes["object"] = object
	response.PlannedState, err = pack(attributes)
	return response, err
}

// identified tells whether enough of a manifest is known to look up its type.
func identified(manifest place) bool {
	if _, known := manifest.value.(map[string]any); !known {
		return false
	}
	for _, path := range identity {
		part := manifest
		for _, name := range path {
			part = part.at(name)
			if _, later := part.value.(unknown); later {
				return false
			}
		}
	}
	return true
}

func difference(now, before place, path []string) (*tftypes.AttributePath, bool) {
	attribute := tftypes.NewAttributePath().WithAttributeName("manifest")
	for _, name := range path {
		now, before, attribute = now.at(name), before.at(name), attribute.WithAttributeName(name)
	}
	return attribute, !reflect.DeepEqual(now.value, before.value)
}

func (s *Server) ApplyResourceChange(ctx context.Context, request *tfprotov5.ApplyResourceChangeRequest) (*tfprotov5.ApplyResourceChangeResponse, error) {
	if request.TypeName != resourceType {
		return s.ProviderServer.ApplyResourceChange(ctx, request)
	}
	response := &tfprotov5.ApplyResourceChangeResponse{NewState: request.PriorState}
	prior, _, err := read(request.PriorState)
	if err != nil {
		return response, err
	}
	planned, attributes, err := read(request.PlannedState)
	if err != nil {
		return response, err
	}
	if attributes == nil {
		if err := s.delete(ctx, prior); err != nil {
			response.Diagnostics = failed("Failed to delete a kubernetes_manifest", err)
			return response, nil
		}
		response.NewState = request.PlannedState
		return response, nil
	}
	object, diagnostics := s.apply(ctx, planned, prior.value == nil)
	response.Diagnostics = diagnostics
	if object == nil {
		return response, nil
	}
	attributes["object"] = *object
	response.NewState, err = pack(attributes)
	return response, err
}

func (s *Server) delete(ctx context.Context, prior place) error {
	object := prior.at("object")
	_, client, err := s.find(object)
	if err != nil {
		return err
	}
	name := object.at("metadata").at("name").value.(string)
	ctx, cancel := context.WithTimeout(ctx, timeout(prior, "delete"))
	defer cancel()
	if err := client.Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !errors.IsNotFound(err) {
		return err
	}
	for {
		_, err := client.Get(ctx, name, metav1.GetOptions{})
		if errors.IsNotFound(err) {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("timed out when waiting for %q to be deleted: a finalizer may hold it", name)
		case <-time.After(pollInterval):
		}
	}
}

func (s *Server) ReadResource(ctx context.Context, request *tfprotov5.ReadResourceRequest) (*tfprotov5.ReadResourceResponse, error) {
	if request.TypeName != resourceType {
		return s.ProviderServer.ReadResource(ctx, request)
	}
	response := &tfprotov5.ReadResourceResponse{NewState: request.CurrentState, Private: request.Private}
	current, attributes, err := read(request.CurrentState)
	if err != nil || attributes == nil {
		return response, err
	}
	object, err := s.live(ctx, current.at("object"))
	switch {
	case errors.IsNotFound(err):
		gone, err := tfprotov5.NewDynamicValue(resourceSchema.ValueType(), tftypes.NewValue(resourceSchema.ValueType(), nil))
		response.NewState = &gone
		return response, err
	case err != nil:
		response.Diagnostics = failed("Failed to read a kubernetes_manifest", err)
		return response, nil
	}
	attributes["object"] = *object
	response.NewState, err = pack(attributes)
	return response, err
}

// ImportResourceState takes "apiVersion=...,kind=...,namespace=...,name=..."; the namespace only where there is one.
func (s *Server) ImportResourceState(ctx context.Context, request *tfprotov5.ImportResourceStateRequest) (*tfprotov5.ImportResourceStateResponse, error) {
	if request.TypeName != resourceType {
		return s.ProviderServer.ImportResourceState(ctx, request)
	}
	response := &tfprotov5.ImportResourceStateResponse{}
	parts := map[string]any{"namespace": nil}
	for _, part := range strings.Split(request.ID, ",") {
		key, value, _ := strings.Cut(part, "=")
		parts[key] = value
	}
	object, err := s.live(ctx, place{map[string]any{
		"apiVersion": parts["apiVersion"],
		"kind":       parts["kind"],
		"metadata":   map[string]any{"name": parts["name"], "namespace": parts["namespace"]},
	}, true})
	if err != nil {
		response.Diagnostics = failed(fmt.Sprintf("Failed to import %q", request.ID), err)
		return response, nil
	}
	attributes := map[string]tftypes.Value{}
	for name, attributeType := range resourceSchema.ValueType().(tftypes.Object).AttributeTypes {
		attributes[name] = tftypes.NewValue(attributeType, nil)
	}
	attributes["object"] = *object
	imported, err := pack(attributes)
	response.ImportedResources = []*tfprotov5.ImportedResource{{TypeName: resourceType, State: imported}}
	response.Diagnostics = []*tfprotov5.Diagnostic{{
		Severity: tfprotov5.DiagnosticSeverityWarning,
		Summary:  "Apply needed after 'import'",
		Detail:   "Please run apply after a successful import to realign the resource state to the configuration in Terraform.",
	}}
	return response, err
}

// live reads the object that the given one identifies, without what only the server sets.
func (s *Server) live(ctx context.Context, given place) (*tftypes.Value, error) {
	of, client, err := s.find(given)
	if err != nil {
		return nil, err
	}
	name, _ := given.at("metadata").at("name").value.(string)
	found, err := client.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return of.seen(found)
}
