package manifest

import (
	"fmt"
	"reflect"
	"regexp"
)

// place is a value that may be missing: what a manifest or an object has at one path.
type place struct {
	value any
	found bool
}

func (p place) given() bool { return p.found && p.value != nil }

func (p place) at(key any) place {
	switch key := key.(type) {
	case string:
		entries, _ := p.value.(map[string]any)
		value, found := entries[key]
		return place{value, found}
	case int:
		if elements, _ := p.value.([]any); key < len(elements) {
			return place{elements[key], true}
		}
	}
	return place{}
}

// planner works out the object that an apply leads to: what the manifest says, what the server said before of the rest,
// and unknown where it has not spoken yet.
type planner struct{ computed map[string]bool }

func (p planner) plan(of *node, path string, now, before, live place) any {
	if p.computed[path] && (now.given() || !live.found) {
		if live.found && reflect.DeepEqual(now.value, before.value) {
			return live.value
		}
		return unknown{}
	}
	if !now.given() {
		if !live.found || before.given() {
			return unknown{} // an attribute taken out of the manifest falls back to the server's default
		}
		return live.value
	}
	switch value := now.value.(type) {
	case map[string]any:
		result := map[string]any{}
		for name := range value {
			result[name] = p.plan(of.child(name), step(path, name), now.at(name), before.at(name), live.at(name))
		}
		for name := range of.properties {
			if !now.at(name).found {
				result[name] = p.plan(of.child(name), step(path, name), place{}, before.at(name), live.at(name))
			}
		}
		return result
	case []any:
		result := make([]any, len(value))
		for i := range value {
			result[i] = p.plan(of.child(""), step(path, fmt.Sprint(i)), now.at(i), before.at(i), live.at(i))
		}
		return result
	}
	return now.value
}

var pathStep = regexp.MustCompile(`\["([^"]+)"\]|\[(\d+)\]|([^.\[\]]+)`)

// computedPaths reads computed_fields, by default the labels and annotations, to which controllers add.
func computedPaths(fields []any) map[string]bool {
	if fields == nil {
		fields = []any{"metadata.labels", "metadata.annotations"}
	}
	paths := map[string]bool{}
	for _, field := range fields {
		path := ""
		written, _ := field.(string)
		for _, found := range pathStep.FindAllStringSubmatch(written, -1) {
			path = step(path, found[1]+found[2]+found[3])
		}
		paths[path] = true
	}
	return paths
}

func step(path, name string) string { return fmt.Sprintf("%s[%q]", path, name) }
