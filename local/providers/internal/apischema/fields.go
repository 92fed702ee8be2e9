// Package apischema derives Terraform schemas from the Go types of the Kubernetes API, and converts values both ways.
//
// The schema of hashicorp/kubernetes is the API in snake case, lists of structures being repeated blocks with a
// singular name. What cannot be told from the Go types (defaults, what is computed, what forces a new object) is the
// table in traits.go.
package apischema

import (
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type shape int

const (
	unsupported shape = iota
	boolean
	number
	text
	quantity
	intOrString
	block      // one structure
	blocks     // a list of structures
	texts      // a list of strings
	numbers    // a list of numbers
	textMap    // a map of strings
	quantities // a map of quantities
	binaries   // a map of bytes, base64 in Terraform
)

// field is one field of an API type as Terraform sees it.
type field struct {
	trait
	name     string
	required bool
	shape    shape
	index    []int // in the Go structure, through its embedded ones
	element  reflect.Type
}

// fieldsOf lists the fields of an API structure that Terraform has.
func fieldsOf(structure reflect.Type) []field {
	var fields []field
	for _, goField := range reflect.VisibleFields(structure) {
		jsonName, options, _ := strings.Cut(goField.Tag.Get("json"), ",")
		declaring := structure
		if depth := len(goField.Index) - 1; depth > 0 {
			parent := structure.FieldByIndex(goField.Index[:depth])
			if !strings.Contains(parent.Tag.Get("json"), ",inline") || parent.Type == reflect.TypeFor[metav1.TypeMeta]() {
				continue // Go promotes the fields of ObjectMeta, JSON does not
			}
			declaring = parent.Type
		}
		if jsonName == "" || jsonName == "-" {
			continue
		}
		known, found := traits[structure][jsonName]
		if !found {
			known = traits[declaring][jsonName]
		}
		shape, element := shapeOf(goField.Type)
		if shape == unsupported || isAbsent(declaring, jsonName) {
			continue
		}
		name := known.Name
		if name == "" {
			name = snakeCase(jsonName)
			if shape == blocks {
				name = singular(name)
			}
		}
		required := known.Required || options == "" && known == trait{Name: known.Name, Set: known.Set}
		fields = append(fields, field{
			trait: known, name: name, required: required, shape: shape, index: goField.Index, element: element,
		})
	}
	return fields
}

func shapeOf(goType reflect.Type) (shape, reflect.Type) {
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	switch goType {
	case reflect.TypeFor[resource.Quantity]():
		return quantity, goType
	case reflect.TypeFor[intstr.IntOrString]():
		return intOrString, goType
	case reflect.TypeFor[corev1.ResourceList]():
		return quantities, goType
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.FieldsV1]():
		return unsupported, goType
	}
	switch goType.Kind() {
	case reflect.Bool:
		return boolean, goType
	case reflect.Int32, reflect.Int64:
		return number, goType
	case reflect.String:
		return text, goType
	case reflect.Struct:
		return block, goType
	case reflect.Map:
		if goType.Elem().Kind() == reflect.Slice {
			return binaries, goType
		}
		return textMap, goType
	case reflect.Slice:
		switch goType.Elem().Kind() {
		case reflect.Struct:
			return blocks, goType.Elem()
		case reflect.String:
			return texts, goType
		case reflect.Int32, reflect.Int64:
			return numbers, goType
		}
	}
	return unsupported, goType
}
