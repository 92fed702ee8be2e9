// Package standin keeps the stand-ins on the local cloud.
package standin

import (
	"fmt"
	"os"
)

// CloudVariable says where Terraform works; the stand-ins serve LocalCloud alone.
const (
	CloudVariable = "MOSAIC_CLOUD"
	LocalCloud    = "local"
)

// Allowed is an error anywhere but on the local cloud. Terraform goes on using the provider that an earlier "init" left
// in a stack's folder, so a stand-in could be run against AWS although no configuration names it any more.
func Allowed(official string) error {
	if cloud := os.Getenv(CloudVariable); cloud != LocalCloud {
		return fmt.Errorf("this is the local cloud's stand-in of %s, and %s is %q, not %q. Remove .terraform and "+
			".terraform.lock.hcl from the stack's folder, and run \"terraform init\" again to install the official provider",
			official, CloudVariable, cloud, LocalCloud)
	}
	return nil
}
