// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// The two ways to meet another organization than that of the state.
var waysToAnotherOrganization = []string{"another key", "another organization_id"}

// What a state has of the organization that it is of.
const (
	thisVersion          = "this version"
	earlierVersion       = "an earlier version"                 // and a CLI that keeps identities, if this is one
	earlierVersionAndCLI = "an earlier version with an old CLI" // which keeps none
)

// A state that meets another organization is an error that names both, and changes
// neither the state nor any organization.
func TestStateOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	for _, name := range recordedTypes(t) {
		for _, way := range waysToAnotherOrganization {
			for _, age := range []string{thisVersion, earlierVersion, earlierVersionAndCLI} {
				t.Run(name+"/"+way+"/"+age, func(t *testing.T) {
					t.Parallel()
					playing(t, func(t *testing.T) {
						o := newOrganizations(t, name)
						if remembered := o.age(name, age); !remembered && !hasOrganizationID(name) {
							return // see TestStateOfAnEarlierVersion
						}
						o.enter(way)
						o.refuses("plan", "-refresh=false")
						o.refuses("apply", "-auto-approve", "-refresh=false")
						o.refuses("apply", "-auto-approve")
						o.refuses("apply", "-auto-approve", "-refresh-only")
						o.refuses("destroy", "-auto-approve", "-refresh=false")
					})
				})
			}
		}
	}
}

// A state of an earlier version learns its organization at the first apply, without a
// change, and then it is like any other.
func TestStateOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	for _, name := range recordedTypes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				o := newOrganizations(t, name)
				o.age(name, earlierVersionAndCLI)
				wantText(t, o.tf.must("plan", "-detailed-exitcode"), "No changes.")
				wantText(t, o.tf.must("apply", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
				learned := o.state()
				o.tf.must("apply", "-auto-approve")
				if again := o.state(); again != learned {
					t.Errorf("the second apply changes what the state remembers:\n%s\n%s", learned, again)
				}
				o.enter("another key")
				o.refuses("plan", "-refresh=false")
				o.refuses("plan")
			})
		})
	}
}

// An import adopts an object of the key's organization, and remembers this organization,
// whatever the state had before.
func TestImportRemembersTheOrganization(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		o := newOrganizations(t, "elasticcloud_member")
		o.ours, o.other = o.other, o.ours
		o.ours.AddMember("zoe@example.com", "billing-admin")
		o.hcl = member("zoe", "zoe@example.com", roles("billing-admin"))
		o.tf = o.folder()
		o.configure("", o.hcl)
		o.tf.must("import", "elasticcloud_member.zoe", "zoe@example.com")
		wantText(t, o.tf.must("plan"), "No changes.")
		o.enter("another key")
		o.refuses("plan")
		o.refuses("plan", "-refresh=false")
	})
}

// organizations are two: the state is of ours, and then the provider is configured
// for the other one.
type organizations struct {
	t           *testing.T
	tf          terraform
	ours, other *cloudtest.Server
	hcl, way    string
}

// newOrganizations applies a configuration of testdata/states to ours. In the other
// one there is something of the same names.
func newOrganizations(t *testing.T, name string) *organizations {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(statesFolder, name+".tf"))
	if err != nil {
		t.Fatal(err)
	}
	o := &organizations{t: t, ours: stateNeeds(t, name), other: stateNeeds(t, name), hcl: string(text)}
	o.other.AddMember("joined@example.com", "billing-admin")
	o.other.AddInvitation("invited@example.com", "billing-admin")
	o.tf = o.folder()
	o.configure("", o.hcl)
	o.tf.must("apply", "-auto-approve")
	o.tf.must("apply", "-auto-approve", "-refresh-only")
	return o
}

// folder is an empty one, with a way to both organizations.
func (o *organizations) folder() terraform {
	o.t.Helper()
	tf := newTerraform(o.t, o.ours)
	if tf.played != nil {
		tf.core.provider.transport = byKey{o.ours.Key: o.ours.Transport(), o.other.Key: o.other.Transport()}
	} else {
		o.other.Serve()
	}
	return tf
}

// byKey leads to the organization that a key is of.
type byKey map[string]http.RoundTripper

func (b byKey) RoundTrip(req *http.Request) (*http.Response, error) {
	return b[strings.TrimPrefix(req.Header.Get("Authorization"), "ApiKey ")].RoundTrip(req)
}

func (o *organizations) configure(way, hcl string) {
	srv, id := o.ours, ""
	switch way {
	case "another key":
		srv = o.other
	case "another organization_id":
		id = fmt.Sprintf("  organization_id = %q\n", o.other.OrganizationID)
	}
	o.tf.configure(fmt.Sprintf("provider \"elasticcloud\" {\n  endpoint = %q\n  api_key = %q\n%s}\n", srv.URL, srv.Key, id) + hcl)
}

func (o *organizations) enter(way string) {
	o.way = way
	o.configure(way, o.hcl)
	o.ours.ResetLedger()
	o.other.ResetLedger()
}

// refuses runs a command, which has to fail with one error in full.
func (o *organizations) refuses(args ...string) {
	o.t.Helper()
	before := o.state()
	out, ok := o.tf.run(args...)
	if ok {
		o.t.Errorf("%v succeeds: %s", args, out)
	}
	full := fmt.Sprintf("The state belongs to the organization %s, but the provider is configured for the organization %s. Nothing was changed.", o.ours.OrganizationID, o.other.OrganizationID)
	wantText(o.t, out, full, fmt.Sprintf("Set organization_id (or EC_ORGANIZATION_ID) to %s, or use an API key of that organization.", o.ours.OrganizationID))
	// The plan of an apply without a refresh cannot be told from the apply, in which
	// each error has to be told.
	mayRepeat := args[0] != "plan" && (slices.Contains(args, "-refresh=false") || slices.Contains(args, "saved"))
	inFull, all := strings.Count(out, full), strings.Count(out, "Error: ")
	if short := strings.Count(out, "The state belongs to another organization than the provider is configured for. Another message"); inFull != 1 || all != inFull+short || short > 0 && !mayRepeat {
		o.t.Errorf("%v says it %d times in full, with %d errors in all: %s", args, inFull, all, out)
	}
	wantWrites(o.t, o.ours)
	wantWrites(o.t, o.other)
	after := o.state()
	if slices.Contains(args, "saved") { // Terraform keeps the marks of the saved plan, and counts on
		marks := regexp.MustCompile(`(?m)^ *"(private|serial)": .*\n`)
		before, after = marks.ReplaceAllString(before, ""), marks.ReplaceAllString(after, "")
	}
	if after != before {
		o.t.Errorf("%v changes the state:\n%s\n%s", args, before, after)
	}
}

func (o *organizations) stateFile() string {
	return filepath.Join(o.tf.workspace.Dir, "terraform.tfstate")
}

// state is all that there is in the state.
func (o *organizations) state() string {
	o.t.Helper()
	if o.tf.played == nil {
		text, err := os.ReadFile(o.stateFile())
		if err != nil {
			o.t.Fatal(err)
		}
		return string(text)
	}
	var lines []string
	for address, held := range o.tf.played.State {
		lines = append(lines, fmt.Sprintf("%s %s %s %s", address, held.Value, held.Private, identityIn(o.t, held)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func identityIn(t *testing.T, held object) string {
	t.Helper()
	if held.Identity == nil || held.Identity.IdentityData == nil {
		return ""
	}
	return fmt.Sprintf("%x", held.Identity.IdentityData.MsgPack)
}

// age makes the state of a type one that an earlier version has left. It reports
// whether the state still has an identity, or private data.
func (o *organizations) age(typeName, age string) (remembered bool) {
	o.t.Helper()
	if o.tf.played != nil {
		for address, held := range o.tf.played.State {
			if held.Type == typeName && age != thisVersion {
				held.Private = nil
			}
			if held.Type == typeName && age == earlierVersionAndCLI {
				held.Identity = nil
			}
			remembered = remembered || held.Type == typeName && (held.Private != nil || held.Identity != nil)
			o.tf.played.State[address] = held
		}
		return remembered
	}
	o.eachInstance(func(instanceOf string, instance map[string]any) {
		if instanceOf != typeName {
			return
		}
		if age != thisVersion {
			delete(instance, "private")
		}
		if age == earlierVersionAndCLI {
			delete(instance, "identity")
			delete(instance, "identity_schema_version")
		}
		remembered = remembered || instance["private"] != nil || instance["identity"] != nil
	})
	return remembered
}

// eachInstance changes the objects in the file of the state.
func (o *organizations) eachInstance(change func(typeName string, instance map[string]any)) {
	o.t.Helper()
	var state map[string]any
	if err := json.Unmarshal([]byte(o.state()), &state); err != nil {
		o.t.Fatal(err)
	}
	resources, _ := state["resources"].([]any)
	for _, r := range resources {
		r, _ := r.(map[string]any)
		typeName, _ := r["type"].(string)
		instances, _ := r["instances"].([]any)
		for _, i := range instances {
			if instance, ok := i.(map[string]any); ok {
				change(typeName, instance)
			}
		}
	}
	o.write(state)
}

func (o *organizations) write(state map[string]any) {
	o.t.Helper()
	text, err := json.Marshal(state)
	if err == nil {
		err = os.WriteFile(o.stateFile(), text, 0o600)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// hasOrganizationID reports whether the ID of such resources is the organization's.
func hasOrganizationID(typeName string) bool {
	return strings.HasSuffix(typeName, "exclusive") || slices.Contains([]string{"elasticcloud_members", "elasticcloud_saml_idp", "elasticcloud_saml_service_provider", "elasticcloud_sso_enforcement"}, typeName)
}

// recordedTypes are all types of resources: each has a configuration in
// testdata/states.
func recordedTypes(t *testing.T) []string {
	t.Helper()
	schemas, err := allSchemas()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(schemas.ResourceSchemas))
}

// Each call with a state checks its organization. This includes the calls of an apply
// without a new plan, as with a saved plan.
func TestEachCallRefusesAnotherOrganization(t *testing.T) {
	t.Parallel()
	for _, typeName := range recordedTypes(t) {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				text, err := os.ReadFile(filepath.Join(statesFolder, typeName+".tf"))
				if err != nil {
					t.Fatal(err)
				}
				ours, other := stateNeeds(t, typeName), stateNeeds(t, typeName)
				tf := newTerraform(t, ours)
				if tf.played == nil {
					t.Skip("it is played")
				}
				tf.configure(string(text))
				tf.must("apply", "-auto-approve")
				addresses := slices.Sorted(maps.Keys(tf.played.State))
				held := tf.played.State[addresses[slices.IndexFunc(addresses, func(address string) bool { return strings.HasPrefix(address, typeName+".") })]]

				c, err := newCore(other)
				if err != nil {
					t.Fatal(err)
				}
				value, err := terraformtest.Dynamic(held.Value)
				if err != nil {
					t.Fatal(err)
				}
				none, err := terraformtest.Dynamic(tftypes.NewValue(held.Value.Type(), nil))
				if err != nil {
					t.Fatal(err)
				}
				other.ResetLedger()
				for name, call := range map[string]func(tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error){
					"refresh": func(server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
						resp, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: value, Private: held.Private, CurrentIdentity: held.Identity})
						return resp.Diagnostics, err
					},
					"plan": func(server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
						resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: value, ProposedNewState: value, Config: value, PriorPrivate: held.Private, PriorIdentity: held.Identity})
						return resp.Diagnostics, err
					},
					"plan of a removal": func(server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
						resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: value, ProposedNewState: none, Config: none, PriorPrivate: held.Private, PriorIdentity: held.Identity})
						return resp.Diagnostics, err
					},
					"update": func(server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
						resp, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: typeName, PriorState: value, PlannedState: value, Config: value, PlannedPrivate: held.Private, PlannedIdentity: held.Identity})
						wantSameState(t, held, resp)
						return resp.Diagnostics, err
					},
					"removal": func(server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
						resp, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: typeName, PriorState: value, PlannedState: none, Config: none, PlannedPrivate: held.Private, PlannedIdentity: held.Identity})
						wantSameState(t, held, resp)
						return resp.Diagnostics, err
					},
				} {
					server, err := c.start(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					diagnostics, err := call(server)
					if err != nil || len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, ours.OrganizationID) || !strings.Contains(diagnostics[0].Detail, other.OrganizationID) {
						t.Errorf("%s: %v, %v", name, diagnostics, err)
					}
				}
				wantWrites(t, other)
				for _, r := range other.Requests() {
					if r.Route != "GET /organizations" {
						t.Errorf("%s is asked for", r.Route)
					}
				}
			})
		})
	}
}

func wantSameState(t *testing.T, held object, resp *tfprotov6.ApplyResourceChangeResponse) {
	t.Helper()
	value, err := resp.NewState.Unmarshal(held.Value.Type())
	if err != nil || !value.Equal(held.Value) {
		t.Errorf("the state is %v, %v", value, err)
	}
}

// Once a run has met the state of another organization, it writes nothing at all: not
// what has no state, and no action. A data source says so in a line.
func TestNothingIsWrittenBesideAnotherOrganization(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		ours, other := newFake(t), newFake(t)
		mapping := map[string]block{"owners": mappingBlock("owners", "owners", "organization-admin")}
		for _, srv := range []*cloudtest.Server{ours, other} {
			srv.ClaimDomain("example.com")
			srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
		}
		c, err := newCore(ours)
		if err != nil {
			t.Fatal(err)
		}
		c.mustApply(t, mapping)
		held := c.State["owners"]
		if c, err = newCore(other); err != nil {
			t.Fatal(err)
		}
		other.AddMember("bob@example.com", "billing-admin")
		changes, err := c.plan(t.Context(), map[string]block{"alice": {Type: memberType, Attributes: map[string]any{"email": "alice@example.com"}}})
		if err != nil {
			t.Fatal(err)
		}
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		other.ResetLedger()
		_, diagnostics := c.RefreshOne(t.Context(), server, "owners", held)
		wantError(t, terraformtest.Failed(diagnostics), ours.OrganizationID, other.OrganizationID)
		const short = ": The state belongs to another organization than the provider is configured for. Another message of this run has the details."

		create := tfprotov6.ApplyResourceChangeRequest{TypeName: memberType, PlannedState: changes[0].Planned.PlannedState, PlannedPrivate: changes[0].Planned.PlannedPrivate}
		if create.Config, err = terraformtest.Dynamic(changes[0].Config); err != nil {
			t.Fatal(err)
		}
		if create.PriorState, err = terraformtest.Dynamic(changes[0].Prior.Value); err != nil {
			t.Fatal(err)
		}
		created, err := server.ApplyResourceChange(t.Context(), &create)
		wantError(t, terraformtest.Failure(created.Diagnostics, err), "Could not add alice@example.com to the organization"+short)
		for _, actionType := range []string{revoke, resend} {
			_, err = c.invoke(t.Context(), server, actionType, map[string]any{"email": "bob@example.com"})
			wantError(t, err, "Could not look up bob@example.com"+short)
		}
		config, err := terraformtest.Dynamic(terraformtest.Value(c.Schemas.DataSourceSchemas["elasticcloud_access"].ValueType(), nil))
		if err != nil {
			t.Fatal(err)
		}
		read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: "elasticcloud_access", Config: config})
		wantError(t, terraformtest.Failure(read.Diagnostics, err), "Could not list the organization's people"+short)
		if len(read.Diagnostics) != 1 {
			t.Errorf("the data source says %v", read.Diagnostics)
		}
		if n := len(other.Requests()); n != 1 {
			t.Errorf("%d requests are made", n)
		}
	})
}

// What the framework can do with a resource or data source, it can do with one that
// is guarded.
func TestTheGuardHidesNothing(t *testing.T) {
	t.Parallel()
	p := &elasticcloudProvider{}
	for _, construct := range p.Resources(t.Context()) {
		guarded, ok := construct().(guardedResource)
		if !ok {
			t.Errorf("%T is not guarded", construct())
			continue
		}
		inner := any(guarded.plainResource)
		for name, of := range map[string]func(any) bool{
			"ResourceWithConfigValidators": is[resource.ResourceWithConfigValidators],
			"ResourceWithMoveState":        is[resource.ResourceWithMoveState],
			"ResourceWithUpgradeIdentity":  is[resource.ResourceWithUpgradeIdentity],
			"ResourceWithUpgradeState":     is[resource.ResourceWithUpgradeState],
			"ResourceWithValidateConfig":   is[resource.ResourceWithValidateConfig],
		} {
			if of(inner) && !of(guarded) {
				t.Errorf("the guard hides %s of %T: name it in plainResource", name, inner)
			}
		}
	}
	for _, construct := range p.DataSources(t.Context()) {
		guarded, ok := construct().(guardedDataSource)
		if !ok {
			t.Errorf("%T is not guarded", construct())
			continue
		}
		inner := any(guarded.plainDataSource)
		for name, of := range map[string]func(any) bool{
			"DataSourceWithConfigValidators": is[datasource.DataSourceWithConfigValidators],
			"DataSourceWithValidateConfig":   is[datasource.DataSourceWithValidateConfig],
		} {
			if of(inner) && !of(guarded) {
				t.Errorf("the guard hides %s of %T: name it in plainDataSource", name, inner)
			}
		}
	}
	for _, construct := range p.Actions(t.Context()) {
		if _, ok := construct().(guardedAction); !ok {
			t.Errorf("%T is not guarded", construct())
		}
	}
}

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// All resources in one configuration: one error for all of them, and a saved plan of
// one organization does nothing to another one.
func TestEverythingOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	ours, other := newFake(t), newFake(t)
	for _, srv := range []*cloudtest.Server{ours, other} {
		publishCode(srv)
		srv.AddMember("bob@example.com", "billing-admin")
	}
	other.Serve()
	everybody := `
resource "elasticcloud_members" "all" {
  members = { "owner@example.com" = ["organization-admin"], "bob@example.com" = ["billing-admin", "deployment-viewer:*"], "alice@example.com" = [] }
}
`
	ten := claimOf("example.com") + `
resource "elasticcloud_domain_verification" "d" {
  domain                 = elasticcloud_domain_claim.d.domain
  challenge_record_value = elasticcloud_domain_claim.d.challenge_record_value
}
` + strings.TrimSuffix(samlIdP(quoted(longLived(t, "idp"))), "}\n") + "  depends_on = [elasticcloud_saml_service_provider.sp]\n}\n" +
		strings.TrimSuffix(serviceProvider("acme"), "}\n") + "  depends_on = [elasticcloud_domain_verification.d]\n}\n" +
		mapping("owners", "owners", ownersRule, roles("organization-admin"), "depends_on = [elasticcloud_saml_idp.idp]") + `
resource "elasticcloud_role_mappings_exclusive" "this" { names = [elasticcloud_role_mapping.owners.name] }
resource "elasticcloud_sso_enforcement" "this" { depends_on = [elasticcloud_role_mapping.owners] }
` + member("alice", "alice@example.com", "roles = []") + `
resource "elasticcloud_role_assignment" "bob" {
  email = "bob@example.com"
  role  = "deployment-viewer:*"
}
` + exclusive(`["owner@example.com", "bob@example.com", elasticcloud_member.alice.email]`)

	tf := newCLI(t, ours)
	tf.configure(ten)
	tf.must("apply", "-auto-approve")
	tf.must("apply", "-auto-approve", "-refresh-only")
	tf.must("plan", "-destroy", "-out=saved")
	alone := newCLI(t, ours) // beside the others it is an error
	alone.configure(everybody)
	alone.must("apply", "-auto-approve")

	var err error
	if tf.workspace, err = cli.NewWorkspace(cliPath, tf.workspace.Dir, builtProvider.dir, cli.PlainPlugins, "EC_ENDPOINT="+other.URL, "EC_API_KEY="+other.Key); err != nil {
		t.Fatal(err)
	}
	o := &organizations{t: t, tf: tf, ours: ours, other: other}
	ours.ResetLedger()
	o.refuses("apply", "saved")

	tf.configure(ten + everybody)
	o.adopt(alone)
	types := map[string]bool{}
	o.eachInstance(func(typeName string, _ map[string]any) { types[typeName] = true })
	if got, want := slices.Sorted(maps.Keys(types)), recordedTypes(t); !slices.Equal(got, want) {
		t.Fatalf("the state has %q, want %q", got, want)
	}
	o.refuses("plan")
	o.refuses("apply", "-auto-approve")
	o.refuses("plan", "-refresh=false")
	o.refuses("plan", "-destroy", "-refresh=false")
	o.refuses("destroy", "-auto-approve", "-refresh=false")
}

// adopt puts what is in the state of another folder into this one.
func (o *organizations) adopt(from terraform) {
	o.t.Helper()
	var there, here map[string]any
	other := &organizations{t: o.t, tf: from}
	err := errors.Join(json.Unmarshal([]byte(other.state()), &there), json.Unmarshal([]byte(o.state()), &here))
	if err != nil {
		o.t.Fatal(err)
	}
	all, _ := here["resources"].([]any)
	more, _ := there["resources"].([]any)
	here["resources"] = append(all, more...)
	o.write(here)
}

const (
	keyRefused      = "Elastic Cloud does not accept the API key"
	keyRefusedShort = "Elastic Cloud refused the API key. Another message of this run has the details."
)

// A refused key is reported in full once, by the first resource. The others of 200 members
// report nothing, and each data source adds one line. The run makes hardly any calls.
func TestRefusedKeyIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings  map[string]any
		noRefresh bool
	}{
		"refresh":                              {},
		"refresh of a configured organization": {settings: map[string]any{"organization_id": "ORGANIZATION"}},
		"no refresh":                           {noRefresh: true},
		"no refresh of a configured organization": {settings: map[string]any{"organization_id": "ORGANIZATION"}, noRefresh: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				c, members := manyMembers(t, srv, 200)
				c.provider.commandLine = func() []string { return []string{"terraform", "plan"} }
				c.settings = maps.Clone(test.settings)
				if c.settings["organization_id"] != nil {
					c.settings["organization_id"] = srv.OrganizationID
				}
				if c.settings == nil {
					c.settings = map[string]any{}
				}
				c.settings["api_key"] = "refused"
				server, err := c.start(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				srv.ResetLedger()
				said := make(chan []*tfprotov6.Diagnostic, len(members)+3)
				changed := inTerraformsParallel(slices.Concat(
					calls(members, func(address string) bool {
						held := c.State[address]
						var diagnostics []terraformtest.Diagnostic
						same := true
						if test.noRefresh {
							config := terraformtest.Value(held.Value.Type(), map[string]any{"email": address + "@example.com", "roles": []string{"deployment-viewer:*"}})
							diagnostics = c.PlanOne(t.Context(), server, &terraformtest.Change{Address: address, Type: memberType, Config: config, Prior: held}, false)
						} else {
							var read object
							read, diagnostics = c.RefreshOne(t.Context(), server, address, held)
							same = read.Value.Equal(held.Value)
						}
						said <- plainDiagnostics(diagnostics)
						return same
					}),
					calls([]string{"elasticcloud_access", "elasticcloud_organization", "elasticcloud_saml_idp"}, func(typeName string) bool {
						config, err := terraformtest.Dynamic(terraformtest.Value(c.Schemas.DataSourceSchemas[typeName].ValueType(), map[string]any{}))
						if err != nil {
							t.Error(err)
						}
						resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: config})
						if err != nil || len(resp.Diagnostics) != 1 {
							t.Errorf("%s: %v, %v", typeName, resp.Diagnostics, err)
						}
						said <- resp.Diagnostics
						return true
					})))
				close(said)
				if changed > 0 {
					t.Errorf("%d states change", changed)
				}
				full, short := 0, 0
				for diagnostics := range said {
					for _, d := range diagnostics {
						switch {
						case strings.Contains(d.Detail, "answered 401") && strings.Contains(d.Detail, keyRefused):
							full++
						case d.Detail == keyRefusedShort:
							short++
						default:
							t.Errorf("said is %s: %s", d.Summary, d.Detail)
						}
					}
				}
				if full != 1 || short != 3 {
					t.Errorf("it is said %d times in full, and %d times in short", full, short)
				}
				if n := len(srv.Requests()); n > 10 {
					t.Errorf("%d requests are made", n)
				}
			})
		})
	}
}

// manyMembers applies as many elasticcloud_member as are asked for.
func manyMembers(t *testing.T, srv *cloudtest.Server, n int) (c *core, addresses []string) {
	t.Helper()
	c, err := newCore(srv)
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]block{}
	for i := range n {
		address := fmt.Sprintf("person%d", i)
		srv.AddMember(address+"@example.com", "billing-admin")
		config[address] = memberBlock(address+"@example.com", "billing-admin")
		addresses = append(addresses, address)
	}
	c.mustApply(t, config)
	return c, addresses
}

func calls(of []string, call func(string) bool) (all []func() bool) {
	for _, one := range of {
		all = append(all, func() bool { return call(one) })
	}
	return all
}

// inTerraformsParallel makes calls in any order, ten at a time, and counts those that
// are false.
func inTerraformsParallel(calls []func() bool) int64 {
	var failed atomic.Int64
	var group sync.WaitGroup
	slots := make(chan struct{}, 10)
	for _, i := range rand.Perm(len(calls)) {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if !calls[i]() {
				failed.Add(1)
			}
		})
	}
	group.Wait()
	return failed.Load()
}

func plainDiagnostics(diagnostics []terraformtest.Diagnostic) (plain []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		plain = append(plain, d.Diagnostic)
	}
	return plain
}

// A refresh or a plan keeps silent only where another one of a resource has told the
// error: that of a data source may be a warning, in a check block.
func TestSilenceIsBackedByAnError(t *testing.T) {
	t.Parallel()
	refused := failure{diag.NewErrorDiagnostic("Could not read it", "in full"), &cloud.Error{Status: http.StatusUnauthorized}}
	broken := failure{diag.NewErrorDiagnostic("Could not read it", "broken"), &cloud.Error{Status: http.StatusInternalServerError}}
	said := func(told *told, kind callKind, failures ...diag.Diagnostic) (texts []string) {
		diags := diag.Diagnostics(slices.Clone(failures))
		silent := told.settle(&diags, kind)
		for _, d := range diags {
			texts = append(texts, d.Detail())
		}
		if want := len(failures) > 0 && kind == refreshOrPlan && len(diags) == 0; silent != want {
			t.Errorf("%d errors are left, and it is silent: %t", len(diags), silent)
		}
		return texts
	}
	for name, test := range map[string]func(told *told) (got, want []string){
		"resources alone": func(told *told) (got, want []string) {
			got = append(said(told, refreshOrPlan, refused), said(told, refreshOrPlan, refused)...)
			return append(got, said(told, reading, refused)...), []string{"in full", keyRefusedShort}
		},
		"a data source first": func(told *told) (got, want []string) {
			got = append(said(told, reading, refused), said(told, refreshOrPlan, refused)...)
			return append(got, said(told, refreshOrPlan, refused)...), []string{"in full", keyRefusedShort}
		},
		"an import and a write first": func(told *told) (got, want []string) {
			got = append(said(told, writing, refused), said(told, writing, refused, refused)...)
			return append(got, said(told, refreshOrPlan, refused)...), []string{"in full", keyRefusedShort, keyRefusedShort, keyRefusedShort}
		},
		"several of one call": func(told *told) (got, want []string) {
			return append(said(told, reading, refused, refused), said(told, refreshOrPlan, refused, refused)...), []string{"in full", keyRefusedShort}
		},
		"another error beside it": func(told *told) (got, want []string) {
			said(told, refreshOrPlan, refused)
			return said(told, refreshOrPlan, refused, broken), []string{"broken"}
		},
		"other errors": func(told *told) (got, want []string) {
			return append(said(told, refreshOrPlan, broken), said(told, refreshOrPlan, broken)...), []string{"broken", "broken"}
		},
	} {
		if got, want := test(&told{}); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// What the CLI prints of a key that is refused: one error, and a line for each data
// source that is not in a check block.
func TestRefusedKeyInTheCLI(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	for i := range 30 {
		srv.AddMember(fmt.Sprintf("person%d@example.com", i), "billing-admin")
	}
	tf := newCLI(t, srv)
	people := `
resource "elasticcloud_member" "all" {
  for_each = toset([for i in range(30) : "person${i}@example.com"])
  email    = each.key
  roles    = ["billing-admin"]
}
`
	tf.configure(people)
	tf.must("apply", "-auto-approve")
	state, err := os.ReadFile(filepath.Join(tf.workspace.Dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	tf.configure(people + `
data "elasticcloud_access" "now" {}
data "elasticcloud_organization" "this" {}
data "elasticcloud_domains" "all" {}
check "people" {
  data "elasticcloud_members" "all" {}
  assert {
    condition     = length(data.elasticcloud_members.all.members) > 0
    error_message = "There is nobody."
  }
}
`)
	if tf.workspace, err = cli.NewWorkspace(cliPath, tf.workspace.Dir, builtProvider.dir, cli.PlainPlugins, "EC_ENDPOINT="+srv.URL, "EC_API_KEY=refused"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   []string
		errors int
	}{
		{[]string{"plan"}, 4},
		{[]string{"plan", "-parallelism=1"}, 4},
		{[]string{"plan", "-refresh=false"}, 4},
		{[]string{"plan", "-target=elasticcloud_member.all"}, 1},
		{[]string{"plan", "-destroy"}, 4},
		{[]string{"apply", "-auto-approve"}, 4},
		{[]string{"apply", "-auto-approve", "-refresh-only"}, 4},
		{[]string{"destroy", "-auto-approve"}, 4},
	} {
		srv.ResetLedger()
		out, ok := tf.run(test.args...)
		if ok {
			t.Errorf("%v succeeds: %s", test.args, out)
		}
		// In the check block the data source's error is a warning, in full or in short.
		if full, all := strings.Count(out, keyRefused), strings.Count(out, "Error: "); full != 1 || all != test.errors {
			t.Errorf("%v: it is said %d times in full, with %d errors, want %d: %s", test.args, full, all, test.errors, out)
		}
		if n := len(srv.Requests()); n > 20 { // there are two runs, or three
			t.Errorf("%v makes %d requests", test.args, n)
		}
	}
	after, err := os.ReadFile(filepath.Join(tf.workspace.Dir, "terraform.tfstate"))
	if err != nil || string(after) != string(state) {
		t.Errorf("the state is %s, %v", after, err)
	}
}
