package apischema

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// object is a shorthand for one nested block.
type object = map[string]any

func one(values object) []any { return []any{values} }

func TestExpand(t *testing.T) {
	for name, test := range map[string]struct {
		structure any
		given     object
		wanted    string
	}{
		"booleans behind pointers are sent when they are false": {
			&corev1.SecurityContext{},
			object{"run_as_non_root": false, "privileged": false, "run_as_user": ""},
			`{"privileged":false,"runAsNonRoot":false}`,
		},
		"numbers as text tell zero from absent": {
			&appsv1.DeploymentSpec{},
			object{"replicas": "0", "revision_history_limit": 0, "progress_deadline_seconds": 600},
			`{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"strategy":{},` +
				`"revisionHistoryLimit":0,"progressDeadlineSeconds":600}`,
		},
		"a block without attributes is an empty structure": {
			&corev1.VolumeSource{},
			object{"empty_dir": []any{nil}},
			`{"emptyDir":{}}`,
		},
		"file modes are octal": {
			&corev1.SecretVolumeSource{},
			object{"default_mode": "0640"},
			`{"defaultMode":416}`,
		},
		"ports by number and by name": {
			&corev1.Probe{},
			object{"http_get": one(object{"port": "8080"}), "tcp_socket": one(object{"port": "http"})},
			`{"httpGet":{"port":8080},"tcpSocket":{"port":"http"}}`,
		},
		"quantities are canonical": {
			&corev1.ResourceRequirements{},
			object{"limits": object{"cpu": "1000m"}},
			`{"limits":{"cpu":"1"}}`,
		},
		"bytes come as base64": {
			&corev1.ConfigMap{},
			object{"binary_data": object{"key": "aGVsbG8="}, "metadata": one(object{"name": "n", "uid": "ignored"})},
			`{"metadata":{"name":"n"},"binaryData":{"key":"aGVsbG8="}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Expand(test.given, reflect.ValueOf(test.structure).Elem()); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(test.structure)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.wanted {
				t.Errorf("\n%s, not\n%s", got, test.wanted)
			}
		})
	}
}

func TestExpandNamesTheFieldOfABadValue(t *testing.T) {
	for wanted, given := range map[string]object{
		`spec: replicas: "many" is not a number of base 10`: {"spec": one(object{"replicas": "many"})},
		`spec: template: spec: container: resources: limits: cpu: "x" is not a quantity`: {"spec": one(object{"template": one(object{
			"spec": one(object{"container": one(object{"resources": one(object{"limits": object{"cpu": "x"}})})}),
		})})},
	} {
		err := Expand(given, reflect.ValueOf(&appsv1.Deployment{}).Elem())
		if err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%v, not %s", err, wanted)
		}
	}
}

// TestRoundTrip reads an object of each shape and writes it again: nothing may be lost on the way.
func TestRoundTrip(t *testing.T) {
	for _, test := range []struct {
		structure any
		written   string
	}{
		{&appsv1.Deployment{}, `{"metadata":{"name":"web","namespace":"n","labels":{"a":"b"}},"spec":{"replicas":2,
			"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]},
			"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}},
			"template":{"metadata":{"annotations":{"v":"1"}},"spec":{"securityContext":{"runAsUser":1000,"supplementalGroups":[7]},
			"containers":[{"name":"c","image":"i","command":["a"],"ports":[{"containerPort":80,"name":"http"}],
			"env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},{"name":"F","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
			"resources":{"limits":{"cpu":"1","memory":"1Gi"}},"volumeMounts":[{"name":"v","mountPath":"/v"}],
			"readinessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5},
			"securityContext":{"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true}}],
			"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Gi"}},{"name":"s","secret":{"secretName":"x","defaultMode":420}}]}}}}`},
		{&networkingv1.NetworkPolicy{}, `{"metadata":{"name":"p"},"spec":{"podSelector":{},"policyTypes":["Egress"],
			"egress":[{"ports":[{"port":53,"protocol":"UDP"}],"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}]}]}}`},
		{&networkingv1.Ingress{}, `{"metadata":{"name":"i"},"spec":{"rules":[{"host":"h","http":{"paths":[{"path":"/","pathType":"Prefix",
			"backend":{"service":{"name":"s","port":{"number":80}}}}]}}],"tls":[{"hosts":["h"]}]}}`},
	} {
		structure := reflect.ValueOf(test.structure)
		if err := json.Unmarshal([]byte(test.written), test.structure); err != nil {
			t.Fatal(err)
		}
		again := reflect.New(structure.Elem().Type())
		if err := Expand(Flatten(structure.Elem()), again.Elem()); err != nil {
			t.Fatal(err)
		}
		first, second := toJSON(t, test.structure), toJSON(t, again.Interface())
		if first != second {
			t.Errorf("%T:\n%s, not\n%s", test.structure, second, first)
		}
	}
}

func TestFlattenHidesWhatTheServerFillsIn(t *testing.T) {
	spec := corev1.PodSpec{SecurityContext: &corev1.PodSecurityContext{}}
	if _, found := Flatten(reflect.ValueOf(spec))["security_context"]; found {
		t.Error("the empty security_context that the server adds to every pod is shown as drift")
	}
}

func TestSameQuantity(t *testing.T) {
	for _, test := range []struct {
		before, after string
		same          bool
	}{{"1", "1000m", true}, {"1Gi", "1024Mi", true}, {"1", "2", false}, {"", "1", false}, {"1", "", false}} {
		if sameQuantity("", test.before, test.after, nil) != test.same {
			t.Errorf("%q and %q", test.before, test.after)
		}
	}
}

func toJSON(t *testing.T, value any) string {
	t.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestFlattenShowsASelectorOfEverythingAsABlockWithNothingInIt(t *testing.T) {
	for name, selector := range map[string]any{
		"nil":            metav1.LabelSelector{},
		"empty":          metav1.LabelSelector{MatchLabels: map[string]string{}, MatchExpressions: []metav1.LabelSelectorRequirement{}},
		"of a node term": corev1.NodeSelectorTerm{},
	} {
		if values := Flatten(reflect.ValueOf(selector)); len(values) != 0 {
			t.Errorf("%s: %v", name, values)
		}
	}
}
