package kubernetes

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"k8s.io/apimachinery/pkg/api/validation"
	names "k8s.io/apimachinery/pkg/util/validation"
)

// validateMetadata finds at plan what the server would refuse at apply.
func validateMetadata(attributes map[string]*schema.Schema) {
	attributes["name"].ValidateFunc = check(func(name string) []string { return validation.NameIsDNSSubdomain(name, false) })
	attributes["generate_name"].ValidateFunc = check(func(name string) []string { return validation.NameIsDNSSubdomain(name, true) })
	attributes["labels"].ValidateFunc = checkKeys(names.IsQualifiedName, names.IsValidLabelValue)
	attributes["annotations"].ValidateFunc = checkKeys(
		func(key string) []string { return names.IsQualifiedName(strings.ToLower(key)) },
		func(string) []string { return nil },
	)
}

func check(rule func(string) []string) schema.SchemaValidateFunc {
	return func(value any, attribute string) (warnings []string, found []error) {
		for _, problem := range rule(value.(string)) {
			found = append(found, fmt.Errorf("%s: %q: %s", attribute, value, problem))
		}
		return nil, found
	}
}

func checkKeys(keyRule, valueRule func(string) []string) schema.SchemaValidateFunc {
	return func(value any, attribute string) (warnings []string, found []error) {
		for key, element := range value.(map[string]any) {
			problems := keyRule(key)
			if text, ok := element.(string); ok {
				problems = append(problems, valueRule(text)...)
			}
			for _, problem := range problems {
				found = append(found, fmt.Errorf("%s: %q = %q: %s", attribute, key, element, problem))
			}
		}
		return nil, found
	}
}
