package apischema

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Expand fills an API structure from the Terraform values of its fields.
//
// A value equal to its Go zero is left out, as an absent field, except where the official provider sends it: a boolean
// behind a pointer (so runAsNonRoot is false where a configuration omits it) and a number that has a default.
func Expand(values map[string]any, structure reflect.Value) error {
	for _, field := range fieldsOf(structure.Type()) {
		value, given := values[field.name]
		if !given || value == nil || field.ReadOnly {
			continue
		}
		if err := field.expand(value, structure.FieldByIndex(field.index)); err != nil {
			return fmt.Errorf("%s: %w", field.name, err)
		}
	}
	return nil
}

func (f field) expand(value any, target reflect.Value) error {
	if set, ok := value.(*schema.Set); ok {
		value = set.List()
	}
	if list, ok := value.([]any); ok && len(list) == 0 {
		return nil
	}
	if !f.SendZero && (value == "" || value == 0 && f.Default == nil) {
		return nil
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	switch f.shape {
	case boolean:
		target.SetBool(value.(bool))
	case text:
		target.SetString(value.(string))
	case number:
		return f.expandNumber(value, target)
	case quantity:
		parsed, err := resource.ParseQuantity(value.(string))
		if err != nil {
			return fmt.Errorf("%q is not a quantity: %w", value, err)
		}
		target.Set(reflect.ValueOf(parsed))
	case intOrString:
		target.Set(reflect.ValueOf(intstr.Parse(value.(string))))
	case textMap, quantities, binaries:
		return f.expandMap(value.(map[string]any), target)
	case texts, numbers:
		for _, element := range value.([]any) {
			if element == nil {
				element = "" // Terraform hands an empty string in a list over as nil
			}
			target.Set(reflect.Append(target, reflect.ValueOf(element).Convert(target.Type().Elem())))
		}
	case block:
		return expandBlock(value.([]any)[0], target)
	case blocks:
		for _, element := range value.([]any) {
			structure := reflect.New(f.element).Elem()
			if err := expandBlock(element, structure); err != nil {
				return err
			}
			target.Set(reflect.Append(target, structure))
		}
	}
	return nil
}

// expandBlock leaves the structure empty for a block without any attribute, which Terraform hands over as nil.
func expandBlock(value any, structure reflect.Value) error {
	if value == nil {
		return nil
	}
	return Expand(value.(map[string]any), structure)
}

func (f field) expandNumber(value any, target reflect.Value) error {
	if written, ok := value.(string); ok {
		base := 10
		if f.Octal {
			base = 8
		}
		number, err := strconv.ParseInt(written, base, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number of base %d", written, base)
		}
		target.SetInt(number)
		return nil
	}
	target.SetInt(int64(value.(int)))
	return nil
}

func (f field) expandMap(values map[string]any, target reflect.Value) error {
	if len(values) == 0 {
		return nil
	}
	target.Set(reflect.MakeMap(target.Type()))
	for key, value := range values {
		written := value.(string)
		element := reflect.ValueOf(written)
		switch f.shape {
		case quantities:
			parsed, err := resource.ParseQuantity(written)
			if err != nil {
				return fmt.Errorf("%s: %q is not a quantity: %w", key, written, err)
			}
			element = reflect.ValueOf(parsed)
		case binaries:
			decoded, err := base64.StdEncoding.DecodeString(written)
			if err != nil {
				return fmt.Errorf("%s: not base64: %w", key, err)
			}
			element = reflect.ValueOf(decoded)
		}
		target.SetMapIndex(reflect.ValueOf(key).Convert(target.Type().Key()), element)
	}
	return nil
}
