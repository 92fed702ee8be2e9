package manifest

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// node is the type of one place in an object, from the server's OpenAPI document. Of the last four exactly one is set.
type node struct {
	scalar     tftypes.Type
	properties map[string]*node
	values     *node // of a map
	elements   *node // of a list
	dynamic    bool  // anything, where the server has no schema

	intOrString bool // a string in Terraform, an integer for the server if it looks like one
}

// unknown stands for a value that Terraform knows only after apply; untyped where it does not even know the type yet.
type unknown struct{ untyped bool }

// fixed tells whether every value of the node has the same Terraform type.
func (n *node) fixed() bool {
	switch {
	case n.dynamic:
		return false
	case n.values != nil:
		return n.values.fixed()
	case n.elements != nil:
		return n.elements.fixed()
	}
	for _, property := range n.properties {
		if !property.fixed() {
			return false
		}
	}
	return true
}

// terraformType is the type of an absent or unknown value. Terraform can hold no list or map of mixed types, so where
// the type depends on the value it is not told before the value.
func (n *node) terraformType() tftypes.Type {
	switch {
	case n.scalar != nil:
		return n.scalar
	case n.properties != nil:
		types := map[string]tftypes.Type{}
		for name, property := range n.properties {
			types[name] = property.terraformType()
		}
		return tftypes.Object{AttributeTypes: types}
	case n.values != nil && n.fixed():
		return tftypes.Map{ElementType: n.values.terraformType()}
	case n.elements != nil && n.fixed():
		return tftypes.List{ElementType: n.elements.terraformType()}
	}
	return tftypes.DynamicPseudoType
}

// encode turns a plain value into Terraform's; what the server's schema does not know is an error. Of an absent or
// unknown structure the attributes are absent or unknown, so that expressions can reach through it.
func (n *node) encode(value any, path string) (tftypes.Value, error) {
	if _, later := value.(unknown); n.properties != nil && (value == nil || later) {
		entries := map[string]any{}
		for name := range n.properties {
			entries[name] = value
		}
		value = entries
	}
	switch value.(type) {
	case nil:
		return tftypes.NewValue(n.terraformType(), nil), nil
	case unknown:
		return tftypes.NewValue(n.terraformType(), tftypes.UnknownValue), nil
	}
	if n.dynamic {
		return inferred(value).encode(value, path)
	}
	if n.scalar != nil {
		return n.encodeScalar(value, path)
	}
	if list, ok := value.([]any); ok && n.elements != nil {
		return n.encodeList(list, path)
	}
	entries, ok := value.(map[string]any)
	if !ok || n.elements != nil {
		return tftypes.Value{}, fmt.Errorf("%s: the server's schema has another type for it than %T", path, value)
	}
	encoded := map[string]tftypes.Value{}
	types := map[string]tftypes.Type{}
	for name, property := range n.properties {
		child, err := property.encode(entries[name], path+"."+name)
		if err != nil {
			return tftypes.Value{}, err
		}
		encoded[name], types[name] = child, child.Type()
	}
	for name, entry := range entries {
		if n.properties != nil && n.properties[name] == nil {
			return tftypes.Value{}, fmt.Errorf("%s: the server's schema has no %q", path, name)
		}
		if n.values != nil {
			child, err := n.values.encode(entry, path+"."+name)
			if err != nil {
				return tftypes.Value{}, err
			}
			encoded[name], types[name] = child, child.Type()
		}
	}
	if n.values != nil && n.fixed() {
		return tftypes.NewValue(n.terraformType(), encoded), nil
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, encoded), nil
}

// refuseUntyped refuses a manifest with a value of no known type where the server's schema has a scalar, as the official
// provider does.
func (n *node) refuseUntyped(value any, path string) error {
	switch value := value.(type) {
	case map[string]any:
		for name, entry := range value {
			if err := n.child(name).refuseUntyped(entry, path+"."+name); err != nil {
				return err
			}
		}
	case []any:
		for i, element := range value {
			if err := n.child("").refuseUntyped(element, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case unknown:
		if value.untyped && n.scalar != nil {
			return fmt.Errorf("%s: can't use %s as %s", path, tftypes.DynamicPseudoType, n.scalar)
		}
	}
	return nil
}

func (n *node) encodeList(list []any, path string) (tftypes.Value, error) {
	encoded := make([]tftypes.Value, len(list))
	types := make([]tftypes.Type, len(list))
	for i, element := range list {
		child, err := n.elements.encode(element, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return tftypes.Value{}, err
		}
		encoded[i], types[i] = child, child.Type()
	}
	if n.fixed() {
		return tftypes.NewValue(n.terraformType(), encoded), nil
	}
	return tftypes.NewValue(tftypes.Tuple{ElementTypes: types}, encoded), nil
}

// encodeScalar converts between the scalar types as Terraform itself does.
func (n *node) encodeScalar(value any, path string) (tftypes.Value, error) {
	text := fmt.Sprint(value)
	switch value.(type) {
	case string, bool, int64, float64:
	default:
		return tftypes.Value{}, fmt.Errorf("%s: the server's schema has a %s, not %T", path, n.scalar, value)
	}
	switch {
	case n.scalar.Is(tftypes.String):
		return tftypes.NewValue(n.scalar, text), nil
	case n.scalar.Is(tftypes.Bool):
		if parsed, err := strconv.ParseBool(text); err == nil {
			return tftypes.NewValue(n.scalar, parsed), nil
		}
	default:
		if parsed, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven); err == nil {
			return tftypes.NewValue(n.scalar, parsed), nil
		}
	}
	return tftypes.Value{}, fmt.Errorf("%s: %q is no %s", path, text, n.scalar)
}

// decode turns a Terraform value into a plain one: maps, lists, string, bool, int64, float64, nil, unknown.
func decode(value tftypes.Value) (any, error) {
	switch {
	case !value.IsKnown():
		return unknown{untyped: value.Type().Is(tftypes.DynamicPseudoType)}, nil
	case value.IsNull():
		return nil, nil
	}
	var text string
	if value.As(&text) == nil {
		return text, nil
	}
	var flag bool
	if value.As(&flag) == nil {
		return flag, nil
	}
	var number big.Float
	if value.As(&number) == nil {
		if integer, accuracy := number.Int64(); accuracy == big.Exact {
			return integer, nil
		}
		float, _ := number.Float64()
		return float, nil
	}
	var entries map[string]tftypes.Value
	if value.As(&entries) == nil {
		result := map[string]any{}
		for name, entry := range entries {
			child, err := decode(entry)
			if err != nil {
				return nil, err
			}
			result[name] = child
		}
		return result, nil
	}
	var elements []tftypes.Value
	if err := value.As(&elements); err != nil {
		return nil, err
	}
	result := make([]any, len(elements))
	for i, element := range elements {
		child, err := decode(element)
		if err != nil {
			return nil, err
		}
		result[i] = child
	}
	return result, nil
}

// inferred is the type of a value for which the server has no schema.
func inferred(value any) *node {
	switch value := value.(type) {
	case map[string]any:
		result := &node{properties: map[string]*node{}}
		for name, entry := range value {
			result.properties[name] = inferred(entry)
		}
		return result
	case []any:
		return &node{elements: &node{dynamic: true}}
	case string:
		return &node{scalar: tftypes.String}
	case bool:
		return &node{scalar: tftypes.Bool}
	case int64, float64:
		return &node{scalar: tftypes.Number}
	}
	return &node{dynamic: true}
}

// payload is what the server is sent: neither unknown nor absent values, and integers where they may be strings.
func (n *node) payload(value any) any {
	switch value := value.(type) {
	case map[string]any:
		result := map[string]any{}
		for name, entry := range value {
			if sent := n.child(name).payload(entry); sent != nil {
				result[name] = sent
			}
		}
		if len(result) == 0 && len(value) > 0 {
			return nil
		}
		return result
	case []any:
		result := make([]any, len(value))
		for i, element := range value {
			result[i] = n.child("").payload(element)
		}
		return result
	case unknown:
		return nil
	case string:
		if number, err := strconv.ParseInt(value, 10, 32); err == nil && n.intOrString {
			return number
		}
	}
	return value
}

// child is the type of a property, or of any entry of a map or list.
func (n *node) child(name string) *node {
	for _, child := range []*node{n.properties[name], n.values, n.elements} {
		if child != nil {
			return child
		}
	}
	return &node{dynamic: true}
}
