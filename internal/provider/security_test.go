// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/zip"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

const securityGuide = "templates/guides/security.md.tmpl"

// The guide lists what is in the state: each attribute of each resource. None of them is a
// secret: the guide has to say so once one is.
func TestSecurityGuide(t *testing.T) {
	t.Parallel()
	schemas, err := newServer().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	guide := readPage(t, securityGuide)
	for name, schema := range schemas.ResourceSchemas {
		attributes := map[string]bool{}
		for _, attribute := range schema.Block.Attributes {
			attributes["`"+attribute.Name+"`"] = true
			if attribute.Sensitive {
				t.Errorf("%s has a secret in %s", name, attribute.Name)
			}
		}
		row := "\n| `" + name + "` | " + strings.Join(slices.Sorted(maps.Keys(attributes)), ", ") + " |\n"
		if !strings.Contains(guide, row) {
			t.Errorf("the guide has no row %s", row)
		}
	}
}

// A saved plan has the values of variables, and so a key that is one. It does not have the
// key of the environment, and the state has neither.
func TestSecurityGuideOnSavedPlans(t *testing.T) {
	t.Parallel()
	for name, inVariable := range map[string]bool{"variable": true, "environment": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			tf, hcl := newCLI(t, srv), member("alice", "alice@example.com")
			if inVariable {
				tf = newCLI(t, srv, "EC_API_KEY=", "TF_VAR_key="+srv.Key)
				hcl += "variable \"key\" {\n  sensitive = true\n}\n" + providerBlock("api_key = var.key")
			}
			tf.configure(hcl)
			tf.must("plan", "-out=saved")
			if got := strings.Contains(unzipped(t, filepath.Join(tf.workspace.Dir, "saved")), srv.Key); got != inVariable {
				t.Errorf("the saved plan has the key: %t", got)
			}
			tf.must("apply", "saved")
			if strings.Contains(tf.stateFile(), srv.Key) {
				t.Error("the state has the key")
			}
		})
	}
}

// unzipped is the content of all files of an archive.
func unzipped(t *testing.T, name string) string {
	t.Helper()
	archive, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := archive.Close(); err != nil {
			t.Error(err)
		}
	})
	var all strings.Builder
	for _, file := range archive.File {
		content, err := file.Open()
		if err == nil {
			_, err = io.Copy(&all, content) //nolint:gosec // the CLI wrote it
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
