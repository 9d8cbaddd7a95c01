// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

const nothingLookedUp = "The plan does not look up anything in Elastic Cloud"

// blind plays Terraform with a provider block of which a plan may not know all.
type blind struct {
	*testing.T
	tf       terraform
	srv      *cloudtest.Server
	settings map[string]any
}

func newBlind(t *testing.T, srv *cloudtest.Server) *blind {
	t.Helper()
	tf := newTerraform(t, srv)
	return &blind{t, tf, srv, tf.core.Settings}
}

// hide makes settings ones that only apply knows.
func (b *blind) hide(names ...string) {
	for _, name := range names {
		b.settings[name] = tftypes.UnknownValue
	}
	b.srv.ResetLedger()
}

func (b *blind) show() {
	b.settings["endpoint"], b.settings["api_key"] = b.srv.URL, b.srv.Key
	delete(b.settings, "organization_id")
	b.tf.core.Settings = maps.Clone(b.settings) // which a saved plan has
}

// plan makes a plan that asks nothing.
func (b *blind) plan(args ...string) string {
	b.Helper()
	out := b.tf.must(append([]string{"plan"}, args...)...)
	if requests := b.srv.Requests(); len(requests) > 0 {
		b.Errorf("the plan asks for %v", requests)
	}
	return out
}

// inProcess runs a test that only the played Terraform can run.
func inProcess(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if *throughCLI {
		t.Skip("it is played")
	}
	virtually(t, test)
}

// If the configuration does not change, a plan without a known key keeps each resource
// unchanged, whichever version and CLI wrote the state. The plan that follows does too.
func TestBlindPlansKeepTheState(t *testing.T) {
	t.Parallel()
	for _, name := range recordedTypes(t) {
		for _, setting := range []string{"api_key", "endpoint", "organization_id"} {
			for _, age := range []string{thisVersion, earlierVersion, earlierVersionAndCLI} {
				t.Run(name+"/"+setting+"/"+age, func(t *testing.T) {
					t.Parallel()
					inProcess(t, func(t *testing.T) {
						o := newOrganizations(t, name)
						o.tf = o.folder()
						settings := o.tf.core.Settings
						o.tf.configure(o.hcl)
						o.tf.must("apply", "-auto-approve")
						o.tf.must("apply", "-auto-approve", "-refresh-only")
						o.age(name, age)
						b := &blind{t, o.tf, o.ours, settings}
						b.hide(setting)
						wantText(t, b.plan("-detailed-exitcode"), "No changes.")
						wantText(t, b.plan("-detailed-exitcode", "-refresh=false"), "No changes.")
						o.tf.must("apply", "-auto-approve", "-refresh-only")
						b.show()
						wantText(t, o.tf.must("plan", "-detailed-exitcode"), "No changes.")
						o.tf.must("apply", "-auto-approve", "-refresh-only")
						wantText(t, o.tf.must("plan", "-detailed-exitcode"), "No changes.")
						wantWrites(t, o.ours)
					})
				})
			}
		}
	}
}

// What is planned without a key is carried out with it: creations, and removals.
func TestBlindPlansAreApplied(t *testing.T) {
	t.Parallel()
	for _, name := range recordedTypes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inProcess(t, func(t *testing.T) {
				text, err := os.ReadFile(filepath.Join(statesFolder, name+".tf"))
				if err != nil {
					t.Fatal(err)
				}
				b := newBlind(t, stateNeeds(t, name))
				b.tf.configure(string(text))
				b.hide("api_key")
				wantText(t, b.plan("-out=create"), "will be created")
				b.show()
				b.tf.must("apply", "create")
				b.tf.must("apply", "-auto-approve", "-refresh-only")
				wantText(t, b.tf.must("plan"), "No changes.")
				b.hide("api_key")
				wantText(t, b.plan("-destroy", "-out=remove"), "will be destroyed")
				b.show()
				b.tf.must("apply", "remove")
				if len(b.tf.played.State) > 0 {
					t.Errorf("left: %v", b.tf.played.State)
				}
			})
		})
	}
}

// Changes too, and another spelling beside them or alone.
func TestBlindUpdatesAreApplied(t *testing.T) {
	t.Parallel()
	certificate := longLived(t, "idp")
	certificates := quoted(certificate)
	for name, test := range map[string]struct {
		before, after string
		stays         bool
	}{
		"member":                     {before: member("x", "bob@example.com", roles("billing-admin")), after: member("x", "Bob@example.com", roles("billing-admin", "deployment-viewer:*"))},
		"spelling":                   {before: member("x", "bob@example.com", roles("billing-admin")), after: member("x", "Bob@example.com", roles("billing-admin")), stays: true},
		"replaced":                   {before: member("x", "bob@example.com", roles("billing-admin")), after: member("x", "carol@example.com", roles("billing-admin"))},
		"assignment":                 {before: assignment("x", `"bob@example.com"`, "elasticsearch-viewer:*+a+b"), after: assignment("x", `"Bob@Example.com"`, "elasticsearch-viewer:*+b+a"), stays: true},
		"grant":                      {before: assignment("x", `"bob@example.com"`, "deployment-viewer:*"), after: assignment("x", `"Bob@Example.com"`, "deployment-editor:*")},
		"domain":                     {before: claimOf("example.com"), after: claimOf("Example.com."), stays: true},
		"addresses":                  {before: serviceProvider("acme"), after: serviceProvider("other")},
		"IdP":                        {before: samlIdP(certificates), after: strings.Replace(samlIdP(certificates), "https://idp.example/sso", "https://idp.example/other", 1)},
		"IdP, respelled":             {before: samlIdP(certificates), after: strings.Replace(samlIdP(quoted("# idp\n"+certificate)), "https://idp.example/sso", "https://idp.example/other", 1)},
		"IdP, respelled and no more": {before: samlIdP(certificates), after: samlIdP(quoted("# idp\n" + certificate)), stays: true},
		"mapping":                    {before: mapping("x", "owners", ownersRule, roles("organization-admin")), after: mapping("x", "owners", ownersRule, roles("organization-admin", "billing-admin"))},
		"list":                       {before: exclusive(`["owner@example.com", "bob@example.com", "dave@example.com"]`), after: exclusive(`["Owner@example.com", "bob@example.com"]`)},
		"members": {before: theMembers(`"owner@example.com" = ["organization-admin"], "bob@example.com" = [], "dave@example.com" = []`),
			after: theMembers(`"owner@example.com" = ["organization-admin"], "Bob@example.com" = ["billing-admin"]`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inProcess(t, func(t *testing.T) {
				srv := newDomainOwner(t)
				if name == "mapping" {
					srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
				}
				srv.AddMember("bob@example.com")
				srv.AddMember("dave@example.com")
				b := newBlind(t, srv)
				b.tf.configure(test.before)
				b.tf.must("apply", "-auto-approve")
				b.tf.configure(test.after)
				b.hide("api_key")
				if out := b.plan("-out=plan"); strings.Contains(out, "No changes.") != test.stays {
					t.Errorf("it is planned: %s", out)
				}
				b.show()
				b.tf.must("apply", "plan")
				wantText(t, b.tf.must("plan"), "No changes.")
			})
		})
	}
}

func theMembers(people string) string {
	return "resource \"elasticcloud_members\" \"all\" {\n  members = { " + people + " }\n}\n"
}

// The plan could not announce the removal of an owner, so apply does not remove one. It
// reports conflicts of two resources without a call.
func TestBlindRemovals(t *testing.T) {
	t.Parallel()
	inProcess(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "organization-admin")
		srv.AddMember("carol@example.com", "deployment-viewer:*")
		b := newBlind(t, srv)
		carol := member("carol", "carol@example.com", roles("deployment-viewer:*"))
		b.tf.configure(member("bob", "bob@example.com") + carol)
		b.tf.must("apply", "-auto-approve")

		b.hide("api_key")
		b.tf.configure(member("bob", "bob@example.com") + member("another", "carol@example.com"))
		out, ok := b.tf.run("plan")
		if ok {
			t.Errorf("carol is removed and invited: %s", out)
		}
		wantText(t, out, "carol@example.com would be removed and invited again")
		b.tf.configure(carol)
		b.plan("-out=plan")
		b.show()
		if out, ok = b.tf.run("apply", "plan"); ok {
			t.Errorf("an owner is removed: %s", out)
		}
		wantText(t, out, "bob@example.com is an owner of the organization", "The plan could not look up this person", "Plan again")
		wantWrites(t, srv)
		wantText(t, b.tf.must("apply", "-auto-approve"), "1 destroyed")
		if slices.Contains(srv.Emails(), "bob@example.com") {
			t.Error("bob is there")
		}

		// A grant that another resource gives stays, also where only the plan sees both.
		b.tf.configure(carol + assignment("x", `"owner@example.com"`, "billing-admin"))
		b.tf.must("apply", "-auto-approve")
		b.tf.configure(carol + strings.Replace(assignment("x", `"owner@example.com"`, "billing-admin"), `"x"`, `"y"`, 1))
		b.hide("api_key")
		wantText(t, b.plan("-out=plan"), "owner@example.com keeps billing-admin")
		b.show()
		b.tf.must("apply", "plan")
		wantWrites(t, srv)
		wantText(t, b.tf.must("plan"), "No changes.")
	})
}

// A resource that must call Elastic Cloud reports why it cannot. An unknown setting is never
// taken from the environment.
func TestBlindReads(t *testing.T) { //nolint:paralleltest // it sets the environment
	for _, name := range []string{"EC_API_KEY", "EC_ENDPOINT", "EC_HOST", "EC_ORGANIZATION_ID", "EC_TIMEOUT"} {
		t.Setenv(name, map[string]string{"EC_TIMEOUT": "1s"}[name]+"https://nobody.example") // all are wrong
	}
	inProcess(t, func(t *testing.T) {
		srv := newFake(t)
		c := startCore(t, srv)
		c.settings = map[string]any{"api_key": tftypes.UnknownValue, "endpoint": tftypes.UnknownValue, "organization_id": tftypes.UnknownValue, "max_retries": tftypes.UnknownValue, "request_timeout": tftypes.UnknownValue}
		c.set()
		server := c.Server()
		config, err := terraformtest.Dynamic(terraformtest.Value(c.Schemas.Provider.ValueType(), c.Settings))
		if err != nil {
			t.Fatal(err)
		}
		configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
		if err != nil || len(configured.Diagnostics) != 1 {
			t.Fatalf("got %v, %v", configured.Diagnostics, err)
		}
		wantLines(t, warningsIn(configured.Diagnostics), nothingLookedUp+": The provider block depends on values that are known only after apply: api_key, endpoint, max_retries, organization_id, request_timeout. Resources keep their state")

		const why = "The provider block depends on values that are known only after apply: api_key, endpoint, max_retries, organization_id, request_timeout. So the plan cannot look up anything in Elastic Cloud."
		for typeName, schema := range c.Schemas.DataSourceSchemas {
			config, err := terraformtest.Dynamic(terraformtest.Value(schema.ValueType(), map[string]any{}))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: config})
			if typeName == "elasticcloud_roles" { // it asks nothing
				if err := terraformtest.Failure(resp.Diagnostics, err); err != nil {
					t.Error(err)
				}
				continue
			}
			wantError(t, terraformtest.Failure(resp.Diagnostics, err), why, "Apply what the provider block depends on first (terraform apply -target=...)")
		}
		_, diagnostics := c.ImportOne(t.Context(), server, "x", memberType, "owner@example.com")
		wantError(t, terraformtest.Failed(diagnostics), why)
		for _, actionType := range []string{revoke, resend} {
			if warnings, err := c.planAction(t.Context(), server, actionType, map[string]any{"email": "owner@example.com"}); err != nil || len(warnings) > 0 {
				t.Errorf("%s: %v, %v", actionType, warnings, err)
			}
		}
		if n := len(srv.Requests()); n > 0 {
			t.Errorf("%d requests are made", n)
		}
	})
}

// Another resource creates the key, with the CLI. The first plan and the plan of a rotation
// warn once that they look nothing up, and apply makes the changes. The key of the
// environment, which is of another organization, is not used.
func TestKeyKnownAfterApply(t *testing.T) {
	t.Parallel()
	srv, other := newFake(t), newFake(t)
	srv.AddMember("bob@example.com", "billing-admin")
	other.Serve()
	srv.Serve()
	tf := newCLI(t, srv, "EC_API_KEY="+other.Key, "EC_ENDPOINT="+other.URL, "EC_ORGANIZATION_ID="+other.OrganizationID)
	configure := func(rotation int, hcl string) {
		tf.configure(strings.NewReplacer("URL", srv.URL, "KEY", srv.Key, "ORGANIZATION", srv.OrganizationID, "ROTATION", strconv.Itoa(rotation)).Replace(`
resource "terraform_data" "key" {
  input            = "KEY"
  triggers_replace = ROTATION
}
provider "elasticcloud" {
  endpoint        = "URL"
  api_key         = terraform_data.key.output
  organization_id = "ORGANIZATION"
}
`) + hcl)
	}
	people := member("bob", "bob@example.com", roles("billing-admin")) + member("carol", "carol@example.com", roles("billing-admin"))
	wantOnce := func(out string) {
		t.Helper()
		if n := strings.Count(out, nothingLookedUp); n != 1 {
			t.Errorf("it is said %d times: %s", n, out)
		}
		wantText(t, out, "known only after apply: api_key", "api_key = terraform_data.key.output")
	}
	configure(1, people)
	wantOnce(tf.must("plan"))
	if requests := srv.Requests(); len(requests) > 0 {
		t.Errorf("the plan asks for %v", requests)
	}
	wantText(t, tf.must("apply", "-auto-approve"), "3 added, 0 changed, 0 destroyed")
	out := tf.must("plan")
	wantText(t, out, "No changes.")
	wantNoText(t, out, nothingLookedUp)

	configure(2, people)
	out = tf.must("plan")
	wantOnce(out)
	wantText(t, out, "Plan: 1 to add, 0 to change, 1 to destroy.")
	wantText(t, tf.must("apply", "-auto-approve"), "1 added, 0 changed, 1 destroyed")

	configure(3, strings.Replace(people, "billing-admin", "deployment-viewer:*", 1))
	wantOnce(tf.must("plan", "-out=plan"))
	wantText(t, tf.must("apply", "plan"), "1 added, 1 changed, 1 destroyed")
	wantGrants(t, srv, "bob@example.com", "deployment-viewer:*")
	wantText(t, tf.must("plan"), "No changes.")

	configure(4, people+"data \"elasticcloud_members\" \"all\" {}\n")
	out, ok := tf.run("plan")
	if ok {
		t.Errorf("the data source is read: %s", out)
	}
	wantText(t, out, "Could not list the organization's people", "with data.elasticcloud_members.all", "The provider block depends on values that are known only after apply: api_key.")
	if requests := other.Requests(); len(requests) > 0 {
		t.Errorf("the other organization is asked for %v", requests)
	}
}
