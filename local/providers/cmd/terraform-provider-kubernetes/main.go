// Command terraform-provider-kubernetes stands in for hashicorp/kubernetes on the local cloud: docs/provider-stand-ins.md.
package main

import (
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"

	"mosaiclife.me/local/providers/internal/kubernetes"
)

func main() {
	err := tf5server.Serve("registry.terraform.io/hashicorp/kubernetes", func() tfprotov5.ProviderServer {
		return kubernetes.Provider().GRPCProvider()
	})
	if err != nil {
		log.Fatal(err)
	}
}
