package apischema

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Flatten gives the Terraform values of an API structure; an absent field has none.
func Flatten(structure reflect.Value) map[string]any {
	values := map[string]any{}
	for _, field := range fieldsOf(structure.Type()) {
		if value := field.flatten(structure.FieldByIndex(field.index)); value != nil {
			values[field.name] = value
		}
	}
	return values
}

func (f field) flatten(source reflect.Value) any {
	if source.Kind() == reflect.Pointer {
		if source.IsNil() {
			return nil
		}
		source = source.Elem()
	}
	switch f.shape {
	case boolean:
		return source.Bool()
	case number:
		switch {
		case f.Text:
			return strconv.FormatInt(source.Int(), 10)
		case f.Octal:
			return fmt.Sprintf("%#o", source.Int())
		}
		return int(source.Int())
	case quantity:
		value := source.Interface().(resource.Quantity)
		return value.String()
	case intOrString:
		value := source.Interface().(intstr.IntOrString)
		return value.String()
	case block:
		values := Flatten(source)
		if f.HideIfEmpty && source.IsZero() {
			return nil
		}
		return []any{values}
	}
	if source.Len() == 0 && (f.HideIfEmpty || f.shape == text && f.Default != "") {
		return nil
	}
	switch f.shape {
	case text:
		return source.String()
	case textMap, quantities, binaries:
		return f.flattenMap(source)
	default: // texts, numbers, blocks
		list := make([]any, source.Len())
		for i := range list {
			element := source.Index(i)
			switch f.shape {
			case texts:
				list[i] = element.String()
			case numbers:
				list[i] = int(element.Int())
			case blocks:
				list[i] = Flatten(element)
			}
		}
		return list
	}
}

func (f field) flattenMap(source reflect.Value) map[string]any {
	values := map[string]any{}
	for entries := source.MapRange(); entries.Next(); {
		key := entries.Key().String()
		switch f.shape {
		case quantities:
			value := entries.Value().Interface().(resource.Quantity)
			values[key] = value.String()
		case binaries:
			values[key] = base64.StdEncoding.EncodeToString(entries.Value().Bytes())
		default:
			values[key] = entries.Value().String()
		}
	}
	return values
}
