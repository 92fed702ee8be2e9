package apischema

import (
	"reflect"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Of derives the schema of an API structure. With forceNew any change of a field asks for a new object.
func Of(structure reflect.Type, forceNew bool) map[string]*schema.Schema {
	attributes := map[string]*schema.Schema{}
	for _, field := range fieldsOf(structure) {
		attributes[field.name] = field.schema(forceNew)
	}
	return attributes
}

func (f field) schema(forceNew bool) *schema.Schema {
	attribute := &schema.Schema{
		Required: f.required,
		Optional: !f.required,
		Computed: f.Computed,
		ForceNew: forceNew && !f.Thaw || f.ForceNew,
		Default:  f.Default,
		MinItems: f.MinItems,
		MaxItems: f.MaxItems,
	}
	switch f.shape {
	case boolean:
		attribute.Type = schema.TypeBool
	case number:
		attribute.Type = schema.TypeInt
		if f.Text || f.Octal {
			attribute.Type = schema.TypeString
		}
	case text, quantity, intOrString:
		attribute.Type = schema.TypeString
	case textMap, quantities, binaries:
		attribute.Type = schema.TypeMap
		attribute.Elem = &schema.Schema{Type: schema.TypeString}
	case texts:
		attribute.Type = schema.TypeList
		attribute.Elem = &schema.Schema{Type: schema.TypeString}
	case numbers:
		attribute.Type = schema.TypeList
		attribute.Elem = &schema.Schema{Type: schema.TypeInt}
	case block, blocks:
		attribute.Type = schema.TypeList
		if f.shape == block && !f.Many {
			attribute.MaxItems = 1
		}
		attribute.Elem = &schema.Resource{Schema: Of(f.element, attribute.ForceNew)}
	}
	if f.Set {
		attribute.Type = schema.TypeSet
	}
	if f.ByValue {
		attribute.DiffSuppressFunc = sameQuantity
	}
	if f.ReadOnly {
		onlyComputed(attribute)
	}
	return attribute
}

func onlyComputed(attribute *schema.Schema) {
	attribute.Required, attribute.Optional, attribute.Computed, attribute.ForceNew = false, false, true, false
	attribute.MaxItems = 0
	if structure, ok := attribute.Elem.(*schema.Resource); ok {
		for _, nested := range structure.Schema {
			onlyComputed(nested)
		}
	}
}

func sameQuantity(_, before, after string, _ *schema.ResourceData) bool {
	old, err := resource.ParseQuantity(before)
	if err != nil {
		return false
	}
	wanted, err := resource.ParseQuantity(after)
	return err == nil && old.Cmp(wanted) == 0
}
