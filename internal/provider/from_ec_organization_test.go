// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const ecGuide = "templates/guides/from-ec-organization.md.tmpl"

// ecInvited is who has not joined.
const ecInvited = "carol@example.com"

// convertedGrants are what the members of the example hold.
var convertedGrants = map[string][]string{
	"owner@example.com": {"organization-admin"},
	"alice@example.com": {"billing-admin", "deployment-viewer:*",
		"deployment-editor:ce03a623751b4fc98d48400fec58b9c0+kibana_admin+reporting", "deployment-editor:a7f3d2c1b0e94856a7f3d2c1b0e94856+kibana_admin+reporting"},
	"bob@example.com": {"elasticsearch-viewer:*+analyst", "security-t1-analyst:c866244b611442d585e23a0cc8c9434c"},
	ecInvited:         {},
}

// managedByEC is an organization whose members are in the state of an
// ec_organization, and the folder of that state.
func managedByEC(t *testing.T) (*cloudtest.Server, terraform) {
	t.Helper()
	srv := newFake(t)
	srv.AddMember("alice@example.com", convertedGrants["alice@example.com"]...)
	srv.AddMember("bob@example.com", convertedGrants["bob@example.com"]...)
	srv.AddInvitation(ecInvited)
	const file = "from-ec-organization/moved/members.tf"
	expression := blocksOf(t, file, "variable")[0].Body.Attributes["default"].Expr.Range()
	members := expression.SliceBytes([]byte(read(t, file)))
	tf := newTerraformWithEC(t, srv)
	tf.write("main.tf", "terraform {\n  required_providers {\n    ec = {\n      source = \"elastic/ec\"\n    }\n  }\n}\n"+
		"provider \"ec\" {}\nresource \"ec_organization\" \"this\" {\n  members = "+string(members)+"\n}\n")
	tf.must("apply", "-auto-approve")
	wantText(t, tf.must("plan"), "No changes.")
	srv.ResetLedger()
	return srv, tf
}

// take replaces the present files with those of an example.
func (c terraform) take(files ...string) {
	c.t.Helper()
	for _, file := range files {
		c.write(filepath.Base(file), read(c.t, file))
	}
}

// wantForgotten fails unless ec_organization left the state, the second plan is
// empty, and nobody was touched.
func wantForgotten(t *testing.T, srv *cloudtest.Server, tf terraform) {
	t.Helper()
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)
	wantMails(t, srv, 0)
	if strings.Contains(tf.stateFile(), "ec_organization") {
		t.Errorf("ec_organization is in the state still")
	}
	for email, grants := range convertedGrants {
		wantGrants(t, srv, email, slices.Clone(grants)...)
	}
}

// forgets is what the plan says of ec_organization, by the CLI.
func forgets() string {
	if isOpenTofu {
		return "ec_organization.this will be removed from the OpenTofu state but will not be destroyed"
	}
	return "ec_organization.this will no longer be managed by Terraform, but will not be destroyed"
}

// The guide's commands replace ec_organization by what is generated.
func TestFromECOrganization(t *testing.T) {
	t.Parallel()
	srv, tf := managedByEC(t)
	tf.take("from-ec-organization/generated/main.tf")
	printed := tf.follow(commandsUnder(t, ecGuide, "With generated configuration"))
	wantText(t, printed[1], forgets(), "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy")
	wantForgotten(t, srv, tf)

	tf.configure("provider \"elasticcloud\" {}\n") // nothing needs Elastic's provider now
	wantForgotten(t, srv, tf)
}

const hasMoved = "ec_organization.this has moved to elasticcloud_members.all"

// The moved block of the guide turns ec_organization into elasticcloud_members, and the
// plan shows nothing else.
func TestFromECOrganizationMoved(t *testing.T) {
	t.Parallel()
	srv, tf := managedByEC(t)
	tf.take("from-ec-organization/moved/main.tf", "from-ec-organization/moved/members.tf")
	tf.must("init")
	for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
		out := tf.must("plan", "-out=plan", refresh)
		wantText(t, out, hasMoved, "Plan: 0 to add, 0 to change, 0 to destroy.")
		for _, other := range []string{"Warning", "Objects have changed", "will be"} {
			if strings.Contains(out, other) {
				t.Errorf("the plan says more than the move: %s", out)
			}
		}
		wantOnlyMoved(t, tf)
	}
	wantWrites(t, srv)

	printed := tf.follow(commandsUnder(t, ecGuide, "With a moved block"))
	wantText(t, printed[1], hasMoved, "Resources: 0 added, 0 changed, 0 destroyed.")
	wantForgotten(t, srv, tf)

	// As the guide allows, the block and the old map go.
	shown, err := tf.workspace.Command(t.Context(), "state", "show", "-no-color", "elasticcloud_members.all").Output()
	if err != nil {
		t.Fatal(err)
	}
	members := firstGroups(regexp.MustCompile(`(?s)\n    members +=( \{.*?\n    \})`), string(shown))
	if len(members) != 1 {
		t.Fatalf("the state is shown as %s", shown)
	}
	tf.change("main.tf", func(content string) string {
		before, after, _ := strings.Cut(content, "# In place of")
		_, after, _ = strings.Cut(after, "\n}\n")
		return before + strings.ReplaceAll(after, " local.grants", members[0])
	})
	tf.write("members.tf", "")
	wantForgotten(t, srv, tf)

	// A role that ec_organization did not show is in the first plan.
	srv.Grant("alice@example.com", "organization-admin")
	wantText(t, tf.must("plan"), `- "organization-admin",`, "Plan: 0 to add, 1 to change, 0 to destroy.")
}

// wantOnlyMoved fails unless the saved plan moves ec_organization and changes nothing.
func wantOnlyMoved(t *testing.T, tf terraform) {
	t.Helper()
	out, err := tf.workspace.Command(t.Context(), "show", "-json", "plan").Output()
	if err != nil {
		t.Fatal(err)
	}
	var plan tfjson.Plan
	if err := json.Unmarshal(out, &plan); err != nil {
		t.Fatal(err)
	}
	if len(plan.ResourceChanges) != 1 || len(plan.ResourceDrift) > 0 {
		t.Fatalf("the plan has %d changes and %d drifts", len(plan.ResourceChanges), len(plan.ResourceDrift))
	}
	if c := plan.ResourceChanges[0]; c.PreviousAddress != "ec_organization.this" || c.Address != "elasticcloud_members.all" || !c.Change.Actions.NoOp() {
		t.Errorf("%s, which was %s: %v", c.Address, c.PreviousAddress, c.Change.Actions)
	}
}

// A moved block that leads elsewhere is an error, and ec_organization stays in the state.
func TestFromECOrganizationMovedElsewhere(t *testing.T) {
	t.Parallel()
	srv, tf := managedByEC(t)
	before := tf.stateFile()
	tf.configure("moved {\n  from = ec_organization.this\n  to = elasticcloud_members_exclusive.all\n}\nresource \"elasticcloud_members_exclusive\" \"all\" {\n  emails = [\"owner@example.com\"]\n}\n")
	tf.must("init")
	out, ok := tf.run("apply", "-auto-approve")
	if ok {
		t.Errorf("it is moved: %s", out)
	}
	wantText(t, out, "Could not move ec_organization to elasticcloud_members_exclusive", whatCanBeMoved)
	if after := tf.stateFile(); after != before {
		t.Errorf("the state is %s", after)
	}
	wantWrites(t, srv)
}

func (c terraform) stateFile() string {
	c.t.Helper()
	state, err := os.ReadFile(filepath.Join(c.workspace.Dir, "terraform.tfstate"))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(state)
}

// ec_organization can also give way to a block for each person, by the import
// blocks of the other guide.
func TestFromECOrganizationToMembers(t *testing.T) {
	t.Parallel()
	srv, tf := managedByEC(t)
	tf.take("from-ec-organization/generated/main.tf", "adopt-import-blocks/find.tf")
	tf.change("main.tf", func(content string) string {
		kept, _, _ := strings.Cut(content, "\ndata ")
		return kept
	})
	printed := tf.follow(commandsUnder(t, adoptGuide, "With import blocks"))
	wantText(t, printed[1], forgets())
	wantText(t, printed[3], "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy")
	wantForgotten(t, srv, tf)
}

// A map that says nothing, or null, means the same as in ec_organization.
func TestFromECOrganizationForms(t *testing.T) {
	t.Parallel()
	tf := newCLI(t, newFake(t))
	tf.write("members.tf", read(t, "from-ec-organization/moved/members.tf")+"output \"grants\" {\n  value = local.grants\n}\n"+header)
	role := func(fields string) string { return `{ "role": "viewer", ` + fields + ` }` }
	values := `{ "members": {
		"empty@example.com": {},
		"nulls@example.com": { "organization_role": null, "deployment_roles": null, "project_elasticsearch_roles": null, "project_observability_roles": null, "project_security_roles": null },
		"no@example.com": { "deployment_roles": [], "project_security_roles": [] },
		"all@example.com": {
			"deployment_roles": [` + role(`"all_deployments": true, "deployment_ids": []`) + `],
			"project_observability_roles": [` + role(`"all_projects": true, "project_ids": null, "application_roles": []`) + `]
		},
		"one@example.com": {
			"deployment_roles": [` + role(`"all_deployments": false, "deployment_ids": ["d1"]`) + `],
			"project_security_roles": [` + role(`"all_projects": null, "project_ids": ["p1", "p2"], "application_roles": ["x"]`) + `]
		}
	} }`
	tf.write("terraform.tfvars.json", values)
	tf.must("apply", "-auto-approve")
	out, err := tf.workspace.Command(t.Context(), "output", "-json", "grants").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string][]string{
		"empty@example.com": {}, "nulls@example.com": {}, "no@example.com": {},
		"all@example.com": {"deployment-viewer:*", "observability-viewer:*+"},
		"one@example.com": {"deployment-viewer:d1", "security-viewer:p1+x", "security-viewer:p2+x"},
	} {
		if !slices.Equal(got[email], want) {
			t.Errorf("%s holds %q, want %q", email, got[email], want)
		}
	}
}
