// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A provider that is built already is not built again.
func TestBuildProviderTakesTheOneThatIsBuilt(t *testing.T) {
	built := filepath.Join(t.TempDir(), "provider")
	t.Setenv(builtVariable, built)
	if err := BuildProvider(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), builtVariable) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(built, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "mirror")
	if err := BuildProvider(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	installed, err := filepath.Glob(filepath.Join(dir, "registry.*", "*", "*", "*", "*", "terraform-provider-elasticcloud_v"+version))
	if err != nil || len(installed) != 2 {
		t.Fatalf("installed are %q, %v", installed, err)
	}
	for _, file := range installed {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(content) != "#!/bin/sh\n" || info.Mode().Perm()&0o100 == 0 {
			t.Errorf("%s is %q, with mode %s", file, content, info.Mode())
		}
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]Version{
		"Terraform v1.11.4\non linux_amd64\n": {Major: 1, Minor: 11, text: "Terraform v1.11.4"},
		"Terraform v1.14.0-beta1\n":           {Major: 1, Minor: 14, text: "Terraform v1.14.0-beta1"},
		"OpenTofu v1.12.6\non linux_amd64\n":  {OpenTofu: true, Major: 1, Minor: 12, text: "OpenTofu v1.12.6"},
	} {
		if got, err := parseVersion(out); err != nil || got != want {
			t.Errorf("%q: %+v, %v", out, got, err)
		}
	}
	for _, out := range []string{"", "Terraform", "a wrapper of Terraform v1.11.4"} {
		if got, err := parseVersion(out); err == nil {
			t.Errorf("%q: %+v", out, got)
		}
	}
}

func TestAtLeast(t *testing.T) {
	t.Parallel()
	for version, want := range map[Version]bool{
		{Major: 1, Minor: 11}: false,
		{Major: 1, Minor: 12}: true,
		{Major: 1, Minor: 14}: true,
		{Major: 2, Minor: 0}:  true,
		{Major: 0, Minor: 15}: false,
	} {
		if got := version.AtLeast(1, 12); got != want {
			t.Errorf("%+v: %t", version, got)
		}
	}
}
