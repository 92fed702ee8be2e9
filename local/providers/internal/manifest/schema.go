package manifest

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var resourceSchema = &tfprotov5.Schema{
	Version: 1,
	Block: &tfprotov5.SchemaBlock{
		Attributes: []*tfprotov5.SchemaAttribute{
			{Name: "manifest", Type: tftypes.DynamicPseudoType, Required: true},
			{Name: "object", Type: tftypes.DynamicPseudoType, Optional: true, Computed: true},
			{Name: "computed_fields", Type: tftypes.List{ElementType: tftypes.String}, Optional: true},
			{Name: "wait_for", Type: tftypes.Object{AttributeTypes: map[string]tftypes.Type{"fields": textMap}}, Optional: true, Deprecated: true},
		},
		BlockTypes: []*tfprotov5.SchemaNestedBlock{
			atMostOne("field_manager", optional("name", tftypes.String), optional("force_conflicts", tftypes.Bool)),
			atMostOne("timeouts", optional("create", tftypes.String), optional("update", tftypes.String), optional("delete", tftypes.String)),
			wait(),
		},
	},
}

var textMap = tftypes.Map{ElementType: tftypes.String}

func optional(name string, attributeType tftypes.Type) *tfprotov5.SchemaAttribute {
	return &tfprotov5.SchemaAttribute{Name: name, Type: attributeType, Optional: true}
}

func atMostOne(name string, attributes ...*tfprotov5.SchemaAttribute) *tfprotov5.SchemaNestedBlock {
	return &tfprotov5.SchemaNestedBlock{
		TypeName: name, Nesting: tfprotov5.SchemaNestedBlockNestingModeList, MaxItems: 1,
		Block: &tfprotov5.SchemaBlock{Attributes: attributes},
	}
}

func wait() *tfprotov5.SchemaNestedBlock {
	block := atMostOne("wait", optional("rollout", tftypes.Bool), optional("fields", textMap))
	condition := atMostOne("condition", optional("type", tftypes.String), optional("status", tftypes.String))
	condition.MaxItems = 0
	block.Block.BlockTypes = []*tfprotov5.SchemaNestedBlock{condition}
	return block
}

// ValidateResourceTypeConfig looks at what needs no server.
func (s *Server) ValidateResourceTypeConfig(ctx context.Context, request *tfprotov5.ValidateResourceTypeConfigRequest) (
	*tfprotov5.ValidateResourceTypeConfigResponse, error,
) {
	if request.TypeName != resourceType {
		return s.ProviderServer.ValidateResourceTypeConfig(ctx, request)
	}
	response := &tfprotov5.ValidateResourceTypeConfigResponse{}
	values, _, err := read(request.Config)
	if err != nil {
		return response, err
	}
	for _, problem := range problems(values) {
		response.Diagnostics = append(response.Diagnostics, &tfprotov5.Diagnostic{
			Severity: tfprotov5.DiagnosticSeverityError, Summary: "Invalid kubernetes_manifest", Detail: problem.Error(),
		})
	}
	return response, nil
}

func problems(values place) (found []error) {
	manifest := values.at("manifest")
	if entries, known := manifest.value.(map[string]any); known {
		for _, key := range []string{"apiVersion", "kind", "metadata"} {
			if !manifest.at(key).given() {
				found = append(found, fmt.Errorf("manifest has no %q", key))
			}
		}
		if _, has := entries["status"]; has {
			found = append(found, fmt.Errorf("manifest has %q, which only the server sets", "status"))
		}
	} else if _, later := manifest.value.(unknown); !later {
		found = append(found, fmt.Errorf("manifest is a %T, not an object", manifest.value))
	}
	for _, operation := range []string{"create", "update", "delete"} {
		if text, ok := values.at("timeouts").at(0).at(operation).value.(string); ok {
			if _, err := time.ParseDuration(text); err != nil {
				found = append(found, fmt.Errorf("timeouts: %s: %w", operation, err))
			}
		}
	}
	if values.at("wait_for").given() || values.at("wait").at(0).at("rollout").value == true {
		found = append(found, fmt.Errorf("the stand-in knows neither wait_for nor wait.rollout; wait.condition and wait.fields work"))
	}
	return found
}

// UpgradeResourceState reads a state as it is: there is one version of it.
func (s *Server) UpgradeResourceState(ctx context.Context, request *tfprotov5.UpgradeResourceStateRequest) (*tfprotov5.UpgradeResourceStateResponse, error) {
	if request.TypeName != resourceType {
		return s.ProviderServer.UpgradeResourceState(ctx, request)
	}
	response := &tfprotov5.UpgradeResourceStateResponse{}
	value, err := request.RawState.Unmarshal(resourceSchema.ValueType())
	if err != nil {
		response.Diagnostics = failed("Failed to read the state of a kubernetes_manifest", err)
		return response, nil
	}
	upgraded, err := tfprotov5.NewDynamicValue(resourceSchema.ValueType(), value)
	response.UpgradedState = &upgraded
	return response, err
}
