package manifest

import (
	"maps"
	"reflect"
	"slices"
	"testing"
)

func TestPlan(t *testing.T) {
	at := func(value object) place { return place{value, value != nil} }
	for name, test := range map[string]struct {
		now, before, live object
		attribute         string
		wanted            any
	}{
		"a new object: the server has not spoken yet":         {object{"size": int64(1)}, nil, nil, "on", unknown{}},
		"what the manifest says is known":                     {object{"size": int64(1)}, nil, nil, "size", int64(1)},
		"the server's default stays":                          {object{}, object{}, object{"size": int64(3)}, "size", int64(3)},
		"an absent value stays absent":                        {object{}, object{}, object{"size": nil}, "size", nil},
		"drift is undone":                                     {object{"size": int64(1)}, object{"size": int64(1)}, object{"size": int64(9)}, "size", int64(1)},
		"taken out of the manifest, the server decides":       {object{}, object{"size": int64(1)}, object{"size": int64(1)}, "size", unknown{}},
		"a value known only after apply":                      {object{"size": unknown{}}, object{}, object{"size": int64(1)}, "size", unknown{}},
		"a structure is planned attribute by attribute":       {object{"metadata": object{"name": "w"}}, nil, nil, "metadata", object{"name": "w", "labels": unknown{}}},
		"computed, unchanged: drift is no drift":              {object{"metadata": object{"labels": object{"a": "1"}}}, object{"metadata": object{"labels": object{"a": "1"}}}, object{"metadata": object{"labels": object{"a": "1", "by": "x"}, "name": "w"}}, "metadata", object{"labels": object{"a": "1", "by": "x"}, "name": "w"}},
		"computed, changed: the server decides":               {object{"metadata": object{"labels": object{"a": "2"}}}, object{"metadata": object{"labels": object{"a": "1"}}}, object{"metadata": object{"labels": object{"a": "1"}, "name": "w"}}, "metadata", object{"labels": unknown{}, "name": "w"}},
		"a list is planned element by element":                {object{"parts": []any{object{"name": "a"}, object{"name": "b"}}}, object{}, object{"parts": []any{object{"name": "a", "free": "x"}}}, "parts", []any{object{"name": "a", "free": "x"}, object{"name": "b", "free": unknown{}}}},
		"an imported object: what the manifest has not stays": {object{"size": int64(1)}, nil, object{"size": int64(1), "on": true}, "on", true},
	} {
		planned := planner{computedPaths(nil)}.plan(widget(t), "", at(test.now), at(test.before), at(test.live)).(object)
		if got := planned[test.attribute]; !reflect.DeepEqual(got, test.wanted) {
			t.Errorf("%s: %v, not %v", name, got, test.wanted)
		}
	}
}

func TestComputedPaths(t *testing.T) {
	paths := slices.Sorted(maps.Keys(computedPaths([]any{"spec.size", `metadata.annotations["a.b/c"]`, "spec.parts[0].name"})))
	wanted := []string{`["metadata"]["annotations"]["a.b/c"]`, `["spec"]["parts"]["0"]["name"]`, `["spec"]["size"]`}
	if !slices.Equal(paths, wanted) {
		t.Errorf("%v, not %v", paths, wanted)
	}
}

func TestProblems(t *testing.T) {
	complete := object{"apiVersion": "v1", "kind": "K", "metadata": object{"name": "n"}}
	with := func(key string, value any) object {
		changed := maps.Clone(complete)
		changed[key] = value
		return changed
	}
	for name, test := range map[string]struct {
		values object
		count  int
	}{
		"complete":       {object{"manifest": complete}, 0},
		"not known yet":  {object{"manifest": unknown{}}, 0},
		"without a kind": {object{"manifest": with("kind", nil)}, 1},
		"with a status":  {object{"manifest": with("status", object{})}, 1},
		"not an object":  {object{"manifest": "text"}, 1},
		"a bad timeout":  {object{"manifest": complete, "timeouts": []any{object{"create": "soon"}}}, 1},
		"a rollout":      {object{"manifest": complete, "wait": []any{object{"rollout": true}}}, 1},
		"a condition":    {object{"manifest": complete, "wait": []any{object{"condition": []any{object{"type": "Ready", "status": "True"}}}}}, 0},
	} {
		if found := problems(place{test.values, true}); len(found) != test.count {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestUnmet(t *testing.T) {
	live := place{object{"status": object{
		"conditions": []any{object{"type": "Ready", "status": "False"}}, "phase": "Bound", "parts": []any{object{"n": int64(1)}},
	}}, true}
	for wanted, test := range map[string]object{
		"":                          {"fields": object{"status.phase": "^B", "status.parts[0].n": "*"}, "condition": []any{object{"type": "Ready", "status": "False"}}},
		"condition Ready=True":      {"condition": []any{object{"type": "Ready", "status": "True"}}},
		"field status.phase=^Lost$": {"fields": object{"status.phase": "^Lost$"}},
		"field status.none=*":       {"fields": object{"status.none": "*"}},
	} {
		if got := unmet(live, place{test, true}); got != wanted {
			t.Errorf("%q, not %q", got, wanted)
		}
	}
}
