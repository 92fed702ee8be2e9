package manifest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/openapi"
)

// definition is the part of an OpenAPI 3 schema that gives types.
type definition struct {
	Reference            string                    `json:"$ref"`
	AllOf                []definition              `json:"allOf"`
	Type                 string                    `json:"type"`
	Format               string                    `json:"format"`
	Properties           map[string]*definition    `json:"properties"`
	AdditionalProperties *definition               `json:"additionalProperties"`
	Items                *definition               `json:"items"`
	IntOrString          bool                      `json:"x-kubernetes-int-or-string"`
	Kinds                []schema.GroupVersionKind `json:"x-kubernetes-group-version-kind"`
}

type document struct {
	Components struct {
		Schemas map[string]*definition `json:"schemas"`
	} `json:"components"`
}

// typeOf asks the server for the type of a kind, without its status, which Terraform does not manage.
func typeOf(client openapi.Client, kind schema.GroupVersionKind) (*node, error) {
	paths, err := client.Paths()
	if err != nil {
		return nil, err
	}
	path := "apis/" + kind.GroupVersion().String()
	if kind.Group == "" {
		path = "api/" + kind.Version
	}
	version, found := paths[path]
	if !found {
		return nil, fmt.Errorf("the server has no OpenAPI document for %s", kind.GroupVersion())
	}
	content, err := version.Schema("application/json")
	if err != nil {
		return nil, err
	}
	var parsed document
	if err := json.Unmarshal(content, &parsed); err != nil {
		return nil, fmt.Errorf("OpenAPI document of %s: %w", kind.GroupVersion(), err)
	}
	for _, definition := range parsed.Components.Schemas {
		if slices.Contains(definition.Kinds, kind) {
			result := parsed.node(definition)
			delete(result.properties, "status")
			return result, nil
		}
	}
	return nil, fmt.Errorf("the server's OpenAPI document of %s has no %s", kind.GroupVersion(), kind.Kind)
}

func (d *document) node(of *definition) *node {
	for len(of.AllOf) == 1 {
		of = &of.AllOf[0]
	}
	if strings.HasSuffix(of.Reference, ".JSONSchemaProps") { // refers to itself
		return &node{dynamic: true}
	}
	if of.Reference != "" {
		return d.node(d.Components.Schemas[of.Reference[strings.LastIndex(of.Reference, "/")+1:]])
	}
	switch {
	case of.IntOrString || of.Format == "int-or-string":
		return &node{scalar: tftypes.String, intOrString: true}
	case of.Type == "string":
		return &node{scalar: tftypes.String}
	case of.Type == "boolean":
		return &node{scalar: tftypes.Bool}
	case of.Type == "integer", of.Type == "number":
		return &node{scalar: tftypes.Number}
	case of.Type == "array" && of.Items != nil:
		return &node{elements: d.node(of.Items)}
	case of.Properties != nil:
		result := &node{properties: map[string]*node{}}
		for name, property := range of.Properties {
			result.properties[name] = d.node(property)
		}
		return result
	case of.AdditionalProperties != nil:
		return &node{values: d.node(of.AdditionalProperties)}
	}
	return &node{dynamic: true}
}
