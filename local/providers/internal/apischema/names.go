package apischema

import (
	"regexp"
	"strings"
)

var (
	// "IPs" and "WWNs" are plural acronyms: without their own rule they would end in "i_ps" and "ww_ns".
	pluralAcronym = regexp.MustCompile(`(IP|WWN)s`)
	wordBoundary  = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)
)

// snakeCase turns a JSON field name of the Kubernetes API into a Terraform name: "clusterIPs" becomes "cluster_ips".
func snakeCase(name string) string {
	name = pluralAcronym.ReplaceAllStringFunc(name, func(acronym string) string {
		return acronym[:1] + strings.ToLower(acronym[1:])
	})
	return strings.ToLower(wordBoundary.ReplaceAllString(name, "${1}${3}_${2}${4}"))
}

// singular names one element of a list of structures, since Terraform repeats the block: "policies" becomes "policy".
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "ss"): // ingress, egress
		return name
	default:
		return strings.TrimSuffix(name, "s")
	}
}
