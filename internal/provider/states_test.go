// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// recordStates writes the states that are missing in testdata/states. Existing states stay:
// earlier versions have written them, and the test reads those.
var recordStates = flag.Bool("record-states", false, "record the state of each configuration in testdata/states that has none")

const statesFolder = "testdata/states"

// longAgo is what the clock of the fake shows while a state is recorded, and
// when it is read.
var longAgo = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A state of an earlier version gives an empty plan.
func TestRecordedStates(t *testing.T) {
	t.Parallel()
	configurations, err := filepath.Glob(filepath.Join(statesFolder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range configurations {
		name := strings.TrimSuffix(filepath.Base(file), ".tf")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, applied, hcl := stateOrganization(t, name)
			file := filepath.Join(statesFolder, name+".json")
			recorded, err := os.ReadFile(filepath.Clean(file))
			if os.IsNotExist(err) && *recordStates {
				if err := os.WriteFile(file, []byte(withoutValues(t, srv, pull(t, applied))), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v: run make record-states", err)
			}
			tf := newCLI(t, srv)
			tf.configure(hcl)
			if err := os.WriteFile(filepath.Join(tf.workspace.Dir, "terraform.tfstate"), []byte(withValues(t, srv, string(recorded))), 0o600); err != nil {
				t.Fatal(err)
			}
			srv.ResetLedger()
			wantText(t, tf.must("plan", "-detailed-exitcode"), "No changes.")
			wantText(t, tf.must("plan", "-refresh-only"), "No changes.")
			wantWrites(t, srv)
		})
	}
}

// Each resource has a recorded state.
func TestEachResourceHasARecordedState(t *testing.T) {
	t.Parallel()
	states, err := filepath.Glob(filepath.Join(statesFolder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	recorded := map[string]bool{}
	for _, file := range states {
		text, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		var state struct {
			Resources []struct {
				Type string `json:"type"`
			} `json:"resources"`
		}
		if err := json.Unmarshal(text, &state); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, r := range state.Resources {
			recorded[r.Type] = true
		}
	}
	schemas, err := newServer().GetProviderSchema(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name := range schemas.ResourceSchemas {
		if !recorded[name] {
			t.Errorf("there is no recorded state of %s: write %s/%s.tf and run make record-states", name, statesFolder, name)
		}
	}
}

// stateNeeds is an organization with what a configuration needs to be there.
func stateNeeds(t *testing.T, name string) *cloudtest.Server {
	t.Helper()
	srv := newFake(t, cloudtest.Clock(func() time.Time { return longAgo }))
	srv.AddMember("active@example.com", "billing-admin")
	kind, _, _ := strings.Cut(name, ".") // what is before a number
	seed(srv, kind)
	if kind == "elasticcloud_domain_claim" { // one of two
		srv.ClaimDomain("example.com")
	}
	return srv
}

// stateOrganization is an organization to which a configuration was applied,
// after which somebody joined.
func stateOrganization(t *testing.T, name string) (srv *cloudtest.Server, applied terraform, hcl string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(statesFolder, name+".tf"))
	if err != nil {
		t.Fatal(err)
	}
	srv = stateNeeds(t, name)
	srv.Serve() // before the first request, as the CLI will read the state
	if applied = newTerraform(t, srv); *recordStates {
		applied = newCLI(t, srv)
	}
	applied.configure(string(text))
	applied.must("apply", "-auto-approve")
	if srv.Status("joined@example.com") == "invited" {
		srv.Accept("joined@example.com")
	}
	applied.must("apply", "-auto-approve", "-refresh-only")
	return srv, applied, string(text)
}

func pull(t *testing.T, tf terraform) string {
	t.Helper()
	if tf.played != nil {
		return tf.must("state", "pull")
	}
	out, err := tf.workspace.Command(t.Context(), "state", "pull").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// placeholders are what a state has in place of values that are the fake's own.
func placeholders(t *testing.T, srv *cloudtest.Server) (oldnew []string) {
	t.Helper()
	client, err := cloud.New(cloud.Config{Endpoint: srv.URL, APIKey: srv.Key, RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, value string) {
		if value != "" {
			quoted, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			oldnew = append(oldnew, strings.Trim(string(quoted), `"`), "{{"+name+"}}")
		}
	}
	people, err := organization.New(client, organization.Config{ID: srv.OrganizationID}).People.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for email, p := range people {
		if p.Member != nil {
			put("user ID of "+email, p.Member.UserID)
		}
	}
	idp, err := client.GetIdP(t.Context(), srv.OrganizationID)
	if err != nil && !cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
		t.Fatal(err)
	}
	put("login identifier", idp.ServiceProvider.LoginIdentifier)
	for i, certificate := range idp.ServiceProvider.SigningCertificates {
		put(fmt.Sprintf("signing certificate %d", i), certificate)
	}
	for i, certificate := range idp.ServiceProvider.EncryptionCertificates {
		put(fmt.Sprintf("encryption certificate %d", i), certificate)
	}
	put("URL", srv.URL)
	put("organization ID", srv.OrganizationID)
	return oldnew
}

func withoutValues(t *testing.T, srv *cloudtest.Server, state string) string {
	t.Helper()
	return strings.NewReplacer(placeholders(t, srv)...).Replace(state)
}

func withValues(t *testing.T, srv *cloudtest.Server, state string) string {
	t.Helper()
	swapped := placeholders(t, srv)
	for i := 0; i < len(swapped); i += 2 {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	if isOpenTofu {
		swapped = append(swapped, "registry.terraform.io/elasticcloud-access", "registry.opentofu.org/elasticcloud-access")
	}
	return strings.NewReplacer(swapped...).Replace(state)
}
