// Package kubernetes stands in for the typed resources of hashicorp/kubernetes on the local cloud.
package kubernetes

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"mosaiclife.me/local/providers/internal/standin"
)

// Provider has the arguments of the official provider, and the resources of the table of kinds.
func Provider() *schema.Provider {
	resources := map[string]*schema.Resource{}
	for name, kind := range kinds {
		resources[name] = kind.resource()
	}
	return &schema.Provider{
		Schema:               configuration(),
		ResourcesMap:         resources,
		ConfigureContextFunc: configure,
	}
}

// configuration reads the same environment variables as the official provider.
func configuration() map[string]*schema.Schema {
	attributes := map[string]*schema.Schema{
		"insecure": {Type: schema.TypeBool, Optional: true, DefaultFunc: schema.EnvDefaultFunc("KUBE_INSECURE", false)},
		"exec": {Type: schema.TypeList, Optional: true, MaxItems: 1, Elem: &schema.Resource{Schema: map[string]*schema.Schema{
			"api_version": {Type: schema.TypeString, Required: true},
			"command":     {Type: schema.TypeString, Required: true},
			"args":        textList(),
			"env":         {Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}},
		}}},
		"experiments": {Type: schema.TypeList, Optional: true, MaxItems: 1, Elem: &schema.Resource{Schema: map[string]*schema.Schema{
			"manifest_resource": {Type: schema.TypeBool, Optional: true, Deprecated: "The kubernetes_manifest resource is generally available."},
		}}},
		"config_paths":       textList(),
		"ignore_annotations": textList(),
		"ignore_labels":      textList(),
	}
	for name, variable := range map[string]string{
		"host": "KUBE_HOST", "username": "KUBE_USER", "password": "KUBE_PASSWORD", "token": "KUBE_TOKEN",
		"tls_server_name": "KUBE_TLS_SERVER_NAME", "cluster_ca_certificate": "KUBE_CLUSTER_CA_CERT_DATA",
		"client_certificate": "KUBE_CLIENT_CERT_DATA", "client_key": "KUBE_CLIENT_KEY_DATA", "proxy_url": "KUBE_PROXY_URL",
		"config_path": "KUBE_CONFIG_PATH", "config_context": "KUBE_CTX",
		"config_context_auth_info": "KUBE_CTX_AUTH_INFO", "config_context_cluster": "KUBE_CTX_CLUSTER",
	} {
		attributes[name] = &schema.Schema{
			Type: schema.TypeString, Optional: true, DefaultFunc: schema.EnvDefaultFunc(variable, ""),
		}
	}
	return attributes
}

func textList() *schema.Schema {
	return &schema.Schema{Type: schema.TypeList, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}}
}

// configure keeps what it is given. Nothing connects before a resource needs it: at plan the cluster may not exist yet.
func configure(_ context.Context, data *schema.ResourceData) (any, diag.Diagnostics) {
	if err := standin.Allowed("hashicorp/kubernetes"); err != nil {
		return nil, diag.FromErr(err)
	}
	c := &cluster{ignored: map[string][]*regexp.Regexp{}}
	for _, attribute := range []string{"labels", "annotations"} {
		for _, expression := range texts(data.Get("ignore_" + attribute)) {
			pattern, err := regexp.Compile(expression)
			if err != nil {
				return nil, diag.Errorf("ignore_%s: %q is not a regular expression: %s", attribute, expression, err)
			}
			c.ignored[attribute] = append(c.ignored[attribute], pattern)
		}
	}
	c.config, c.broken = clientConfig(data)
	if c.broken != nil {
		return c, diag.Diagnostics{{
			Severity: diag.Warning,
			Summary:  "Provider was supplied an invalid configuration. Further operations likely to fail.",
			Detail:   c.broken.Error(),
		}}
	}
	return c, nil
}

func texts(list any) []string {
	values := list.([]any)
	result := make([]string, len(values))
	for i, value := range values {
		result[i], _ = value.(string) // Terraform hands an empty string in a list over as nil
	}
	return result
}
