package standin

import (
	"strings"
	"testing"
)

func TestOnlyTheLocalCloudIsServed(t *testing.T) {
	for cloud, allowed := range map[string]bool{"local": true, "aws": false, "": false} {
		t.Setenv(CloudVariable, cloud)
		err := Allowed("hashicorp/kubernetes")
		if (err == nil) != allowed {
			t.Errorf("%q: %v", cloud, err)
		}
		if err != nil && !strings.Contains(err.Error(), "stand-in of hashicorp/kubernetes") {
			t.Errorf("%q: %v", cloud, err)
		}
	}
}
