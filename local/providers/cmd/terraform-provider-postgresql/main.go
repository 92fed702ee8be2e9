// Command terraform-provider-postgresql stands in for cyrilgdn/postgresql on the local cloud: docs/provider-stand-ins.md.
package main

import (
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"

	"mosaiclife.me/local/providers/internal/postgresql"
)

func main() {
	if err := tf5server.Serve("registry.terraform.io/cyrilgdn/postgresql", server); err != nil {
		log.Fatal(err)
	}
}

func server() tfprotov5.ProviderServer {
	return postgresql.Provider().GRPCProvider()
}
