// Package schematest compares the schemas that a provider serves with what is known of the official one.
package schematest

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Compare reads lines of resource type, path, and type with flags. The files hold the fields that the environments' stacks
// use, as "terraform providers schema -json" shows them for the official providers.
func Compare(t *testing.T, server tfprotov5.ProviderServer, file string) {
	t.Helper()
	response, err := server.GetProviderSchema(t.Context(), &tfprotov5.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.Open(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	reader := csv.NewReader(content)
	reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = '\t', true, 3
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		resource, path, wanted := line[0], line[1], line[2]
		schema, found := response.ResourceSchemas[resource]
		if !found {
			t.Errorf("no %s", resource)
			continue
		}
		if served := describe(schema.Block, strings.Split(path, ".")); served != wanted {
			t.Errorf("%s %s is %q, officially %q", resource, path, served, wanted)
		}
	}
}

func describe(block *tfprotov5.SchemaBlock, path []string) string {
	for _, nested := range block.BlockTypes {
		if nested.TypeName == path[0] && len(path) > 1 {
			return describe(nested.Block, path[1:])
		}
		if nested.TypeName == path[0] {
			description := strings.ToLower(nested.Nesting.String()) + " block"
			if nested.MinItems > 0 {
				description += " min=" + strconv.FormatInt(nested.MinItems, 10)
			}
			if nested.MaxItems > 0 {
				description += " max=" + strconv.FormatInt(nested.MaxItems, 10)
			}
			return description
		}
	}
	for _, attribute := range block.Attributes {
		if attribute.Name != path[0] || len(path) > 1 {
			continue
		}
		description := typeName(attribute.Type)
		for _, flag := range []struct {
			name string
			set  bool
		}{
			{"required", attribute.Required}, {"optional", attribute.Optional}, {"computed", attribute.Computed},
			{"sensitive", attribute.Sensitive}, {"write_only", attribute.WriteOnly},
		} {
			if flag.set {
				description += " " + flag.name
			}
		}
		return description
	}
	return "missing"
}

func typeName(attributeType tftypes.Type) string {
	switch attributeType := attributeType.(type) {
	case tftypes.List:
		return "list of " + typeName(attributeType.ElementType)
	case tftypes.Set:
		return "set of " + typeName(attributeType.ElementType)
	case tftypes.Map:
		return "map of " + typeName(attributeType.ElementType)
	}
	name := strings.ToLower(strings.TrimPrefix(attributeType.String(), "tftypes."))
	return strings.Replace(name, "dynamicpseudotype", "dynamic", 1)
}
