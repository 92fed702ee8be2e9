package manifest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type object = map[string]any

// widget is a small custom resource with one property of each sort.
func widget(t *testing.T) *node {
	t.Helper()
	var parsed document
	err := json.Unmarshal([]byte(`{"components":{"schemas":{
		"Meta":{"type":"object","properties":{"name":{"type":"string"},"labels":{"type":"object","additionalProperties":{"type":"string"}}}},
		"Widget":{"type":"object","properties":{
			"metadata":{"allOf":[{"$ref":"#/components/schemas/Meta"}]},
			"size":{"type":"integer"},"on":{"type":"boolean"},"port":{"x-kubernetes-int-or-string":true},
			"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
			"names":{"type":"array","items":{"type":"string"}},
			"parts":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"free":{}}}}
		}}}}}`), &parsed)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.node(parsed.Components.Schemas["Widget"])
}

func TestEncodeAndDecode(t *testing.T) {
	for name, test := range map[string]struct{ given, wanted object }{
		"absent structures have absent attributes": {
			object{"size": int64(1)},
			object{"metadata": object{"name": nil, "labels": nil}, "size": int64(1), "on": nil, "port": nil, "free": nil, "names": nil, "parts": nil},
		},
		"scalars become what the server's schema says": {
			object{"port": int64(8080), "size": "3", "on": "true"},
			object{"metadata": object{"name": nil, "labels": nil}, "size": int64(3), "on": true, "port": "8080", "free": nil, "names": nil, "parts": nil},
		},
		"a list of what has no schema": {
			object{"parts": []any{object{"name": "a", "free": object{"x": []any{int64(1), "y"}}}, object{"free": true}}, "free": object{"z": 1.5}},
			object{
				"metadata": object{"name": nil, "labels": nil}, "size": nil, "on": nil, "port": nil, "free": object{"z": 1.5}, "names": nil,
				"parts": []any{object{"name": "a", "free": object{"x": []any{int64(1), "y"}}}, object{"name": nil, "free": true}},
			},
		},
		"unknown values": {
			object{"metadata": unknown{}, "names": []any{"a", unknown{}}},
			object{
				"metadata": object{"name": unknown{}, "labels": unknown{}}, "size": nil, "on": nil, "port": nil, "free": nil,
				"names": []any{"a", unknown{}}, "parts": nil,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := widget(t).encode(test.given, "manifest")
			if err != nil {
				t.Fatal(err)
			}
			// The protocol's own encoding, since it is what refuses mixed types.
			packed, err := encoded.MarshalMsgPack(tftypes.DynamicPseudoType)
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := tftypes.ValueFromMsgPack(packed, tftypes.DynamicPseudoType)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := decode(unpacked)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(decoded, test.wanted) {
				t.Errorf("\n%v, not\n%v", decoded, test.wanted)
			}
		})
	}
}

func TestEncodeNamesThePlaceOfAnError(t *testing.T) {
	for wanted, given := range map[string]object{
		`manifest.metadata: the server's schema has no "nmae"`:   {"metadata": object{"nmae": "x"}},
		`manifest.size: "big" is no tftypes.Number`:              {"size": "big"},
		`manifest.names: the server's schema has another type`:   {"names": "x"},
		`manifest.parts[1].name: the server's schema has a tfty`: {"parts": []any{object{}, object{"name": object{}}}},
	} {
		if _, err := widget(t).encode(given, "manifest"); err == nil || !strings.HasPrefix(err.Error(), wanted) {
			t.Errorf("%v, not %s", err, wanted)
		}
	}
}

func TestPayload(t *testing.T) {
	planned := object{
		"metadata": object{"name": "w", "labels": unknown{}}, "size": nil, "port": "8080",
		"free": object{"empty": object{}}, "names": []any{}, "parts": []any{object{"name": unknown{}, "free": nil}},
	}
	manifest := object{"metadata": object{"labels": object{"a": "b"}}, "parts": []any{object{"name": "p"}}}
	wanted := object{
		"metadata": object{"name": "w", "labels": object{"a": "b"}}, "port": int64(8080),
		"free": object{"empty": object{}}, "names": []any{}, "parts": []any{object{"name": "p"}},
	}
	if got := widget(t).payload(overlaid(planned, manifest)); !reflect.DeepEqual(got, wanted) {
		t.Errorf("\n%v, not\n%v", got, wanted)
	}
}

func TestAValueOfNoKnownTypeIsRefusedWhereTheSchemaHasAScalar(t *testing.T) {
	untyped, err := decode(tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		given   object
		refused string
	}{
		"in a map":                {object{"metadata": object{"labels": object{"a": untyped}}}, "manifest.metadata.labels.a: can't use"},
		"in a list":               {object{"names": []any{"a", untyped}}, "manifest.names[1]: can't use"},
		"a string known later":    {object{"metadata": object{"name": unknown{}}}, ""},
		"where anything may be":   {object{"free": untyped}, ""},
		"a structure known later": {object{"metadata": untyped}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := widget(t).refuseUntyped(test.given, "manifest")
			if (err == nil) != (test.refused == "") || err != nil && !strings.HasPrefix(err.Error(), test.refused) {
				t.Errorf("got %v, wanted %q", err, test.refused)
			}
		})
	}
}
