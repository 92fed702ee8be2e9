package apischema

import "testing"

func TestSnakeCase(t *testing.T) {
	for given, wanted := range map[string]string{
		"name": "name", "matchLabels": "match_labels", "clusterIP": "cluster_ip", "clusterIPs": "cluster_ips",
		"hostIPC": "host_ipc", "runAsNonRoot": "run_as_non_root", "seLinuxOptions": "se_linux_options",
		"httpGet": "http_get", "ttlSecondsAfterFinished": "ttl_seconds_after_finished", "fsGroup": "fs_group",
		"allocateLoadBalancerNodePorts": "allocate_load_balancer_node_ports",
	} {
		if got := snakeCase(given); got != wanted {
			t.Errorf("%s: %s, not %s", given, got, wanted)
		}
	}
}

func TestSingular(t *testing.T) {
	for given, wanted := range map[string]string{
		"containers": "container", "policies": "policy", "ingress": "ingress", "egress": "egress", "rules": "rule",
	} {
		if got := singular(given); got != wanted {
			t.Errorf("%s: %s, not %s", given, got, wanted)
		}
	}
}
