package main

import (
	"testing"

	"mosaiclife.me/local/providers/internal/schematest"
)

func TestSchemasAreTheOfficialOnes(t *testing.T) {
	schematest.Compare(t, server(), "../../internal/schematest/testdata/kubernetes.tsv")
}
