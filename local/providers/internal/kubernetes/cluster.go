package kubernetes

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	apischeme "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// cluster is a configured provider.
type cluster struct {
	config  *rest.Config
	broken  error // why there is no config
	ignored map[string][]*regexp.Regexp
}

// Connection is how a configured provider reaches its cluster.
func Connection(provider *schema.Provider) (*rest.Config, error) {
	c, configured := provider.Meta().(*cluster)
	if !configured {
		return nil, errors.New("the provider is not configured")
	}
	if c.broken != nil {
		return nil, fmt.Errorf("the provider's configuration does not lead to a cluster: %w", c.broken)
	}
	return c.config, nil
}

func (c *cluster) dynamicClient() (dynamic.Interface, error) {
	if c.broken != nil {
		return nil, fmt.Errorf("the provider's configuration does not lead to a cluster: %w", c.broken)
	}
	return dynamic.NewForConfig(c.config)
}

// clientConfig merges kubeconfig files (if any are named) and the arguments, which win.
func clientConfig(data *schema.ResourceData) (*rest.Config, error) {
	text := func(attribute string) string { return data.Get(attribute).(string) }
	files := texts(data.Get("config_paths"))
	if single := text("config_path"); single != "" {
		files = []string{single}
	} else if len(files) == 0 {
		files = filepath.SplitList(os.Getenv("KUBE_CONFIG_PATHS"))
	}
	overrides := &clientcmd.ConfigOverrides{
		CurrentContext:  text("config_context"),
		Context:         clientcmdapi.Context{AuthInfo: text("config_context_auth_info"), Cluster: text("config_context_cluster")},
		ClusterDefaults: clientcmdapi.Cluster{ProxyURL: text("proxy_url")},
		ClusterInfo: clientcmdapi.Cluster{
			InsecureSkipTLSVerify:    data.Get("insecure").(bool),
			TLSServerName:            text("tls_server_name"),
			CertificateAuthorityData: []byte(text("cluster_ca_certificate")),
		},
		AuthInfo: clientcmdapi.AuthInfo{
			ClientCertificateData: []byte(text("client_certificate")),
			ClientKeyData:         []byte(text("client_key")),
			Username:              text("username"),
			Password:              text("password"),
			Token:                 text("token"),
			Exec:                  execConfig(data.Get("exec").([]any)),
		},
	}
	if host := text("host"); host != "" {
		secure := len(overrides.ClusterInfo.CertificateAuthorityData)+len(overrides.AuthInfo.ClientCertificateData) > 0
		address, _, err := rest.DefaultServerURL(host, "", apischeme.GroupVersion{}, secure && !overrides.ClusterInfo.InsecureSkipTLSVerify)
		if err != nil {
			return nil, fmt.Errorf("host %q: %w", host, err)
		}
		overrides.ClusterInfo.Server = address.String()
	}
	loader := &clientcmd.ClientConfigLoadingRules{Precedence: files}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(loader, overrides).ClientConfig()
	if err != nil {
		return nil, err
	}
	// An apply reads and writes each object a few times; client-go's default of 5 requests a second would rule its time.
	config.QPS, config.Burst = 100, 100
	return config, nil
}

func execConfig(blocks []any) *clientcmdapi.ExecConfig {
	if len(blocks) == 0 || blocks[0] == nil {
		return nil
	}
	values := blocks[0].(map[string]any)
	config := &clientcmdapi.ExecConfig{
		APIVersion:      values["api_version"].(string),
		Command:         values["command"].(string),
		Args:            texts(values["args"]),
		InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
	}
	for name, value := range values["env"].(map[string]any) {
		config.Env = append(config.Env, clientcmdapi.ExecEnvVar{Name: name, Value: value.(string)})
	}
	return config
}
