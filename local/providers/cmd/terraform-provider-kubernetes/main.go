// Command terraform-provider-kubernetes stands in for hashicorp/kubernetes on the local cloud: docs/provider-stand-ins.md.
package main

import (
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
	"k8s.io/client-go/rest"

	"mosaiclife.me/local/providers/internal/kubernetes"
	"mosaiclife.me/local/providers/internal/manifest"
)

func main() {
	if err := tf5server.Serve("registry.terraform.io/hashicorp/kubernetes", server); err != nil {
		log.Fatal(err)
	}
}

func server() tfprotov5.ProviderServer {
	provider := kubernetes.Provider()
	return manifest.New(provider.GRPCProvider(), func() (*rest.Config, error) { return kubernetes.Connection(provider) })
}
