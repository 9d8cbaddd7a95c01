// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

const (
	membersName        = "elasticcloud_members"
	elasticsProvider   = "registry.terraform.io/elastic/ec"
	couldNotMove       = "Could not move ec_organization to elasticcloud_members"
	movedOrganization  = "1234567890"
	whatCanBeMoved     = "Only ec_organization of Elastic's provider (elastic/ec) can be moved to another type, and only to elasticcloud_members."
	nothingWasMoved    = "Nothing was changed."
	ownerInECState     = `"owner@example.com": {"organization_role": "organization-admin"}`
	importInsteadOfECs = `import elasticcloud_members instead, as the guide "Coming from ec_organization" shows`
)

// ecState is a state of ec_organization, of members in JSON.
func ecState(id string, members ...string) string {
	return fmt.Sprintf(`{"id": %q, "members": {%s}}`, id, strings.Join(members, ", "))
}

func moveOf(state string) *tfprotov6.MoveResourceStateRequest {
	return &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: elasticsProvider,
		SourceTypeName:        "ec_organization",
		SourceState:           &tfprotov6.RawState{JSON: []byte(state)},
		SourcePrivate:         []byte(`{"elastics": "InByaXZhdGUi"}`),
		TargetTypeName:        membersName,
	}
}

// move asks a provider that is not configured, as Terraform does, which has not read
// the provider block yet.
func move(t *testing.T, request *tfprotov6.MoveResourceStateRequest) *tfprotov6.MoveResourceStateResponse {
	t.Helper()
	resp, err := newServer().MoveResourceState(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// moved is what a state of ec_organization becomes.
func moved(t *testing.T, state string) terraformtest.Object {
	t.Helper()
	resp := move(t, moveOf(state))
	if len(resp.Diagnostics) > 0 {
		t.Fatalf("%s: %s", resp.Diagnostics[0].Summary, resp.Diagnostics[0].Detail)
	}
	value, err := resp.TargetState.Unmarshal(membersSchemaType(t))
	if err != nil {
		t.Fatal(err)
	}
	return terraformtest.Object{Type: membersName, Value: value, Private: resp.TargetPrivate, Identity: resp.TargetIdentity}
}

func membersSchemaType(t *testing.T) tftypes.Type {
	t.Helper()
	schemas, err := allSchemas()
	if err != nil {
		t.Fatal(err)
	}
	return schemas.ResourceSchemas[membersName].ValueType()
}

// membersState is a state of elasticcloud_members with the defaults.
func membersState(t *testing.T, id any, members map[string][]string, pending ...string) tftypes.Value {
	t.Helper()
	return terraformtest.Value(membersSchemaType(t), map[string]any{"id": id, "members": members, "max_removals": 5, "pending": pending})
}

// Each kind of role becomes grants, and nothing is asked of Elastic Cloud.
func TestMoveOfRoles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		member string
		grants []string
	}{
		"no roles":                   {`{}`, []string{}},
		"nulls":                      {`{"organization_role": null, "deployment_roles": null, "project_security_roles": null}`, []string{}},
		"empty sets":                 {`{"deployment_roles": [], "project_elasticsearch_roles": []}`, []string{}},
		"owner":                      {`{"organization_role": "organization-admin"}`, []string{"organization-admin"}},
		"a new organization role":    {`{"organization_role": "something-new"}`, []string{"something-new"}},
		"all deployments":            {`{"deployment_roles": [{"role": "viewer", "all_deployments": true, "deployment_ids": null, "application_roles": null}]}`, []string{"deployment-viewer:*"}},
		"deployments":                {`{"deployment_roles": [{"role": "editor", "all_deployments": false, "deployment_ids": ["b", "a"]}]}`, []string{"deployment-editor:a", "deployment-editor:b"}},
		"all, with an empty set":     {`{"deployment_roles": [{"role": "viewer", "all_deployments": true, "deployment_ids": []}]}`, []string{"deployment-viewer:*"}},
		"twice":                      {`{"deployment_roles": [{"role": "editor", "deployment_ids": ["a", "b"]}, {"role": "editor", "deployment_ids": ["b"]}]}`, []string{"deployment-editor:a", "deployment-editor:b"}},
		"Elasticsearch projects":     {`{"project_elasticsearch_roles": [{"role": "developer", "all_projects": true}]}`, []string{"elasticsearch-developer:*"}},
		"observability projects":     {`{"project_observability_roles": [{"role": "editor", "project_ids": ["p"]}]}`, []string{"observability-editor:p"}},
		"security projects":          {`{"project_security_roles": [{"role": "t1-analyst", "all_projects": false, "project_ids": ["p", "q"]}]}`, []string{"security-t1-analyst:p", "security-t1-analyst:q"}},
		"application roles":          {`{"project_elasticsearch_roles": [{"role": "viewer", "all_projects": true, "application_roles": ["reader", "c++"]}]}`, []string{"elasticsearch-viewer:*+c%2B%2B+reader"}},
		"no application roles":       {`{"project_elasticsearch_roles": [{"role": "viewer", "all_projects": true, "application_roles": []}]}`, []string{"elasticsearch-viewer:*+"}},
		"of a kind of a later one":   {`{"project_vectordb_roles": [{"role": "viewer", "all_projects": true}]}`, []string{"vectordb-viewer:*"}},
		"attributes of a later one":  {`{"email": "alice@example.com", "user_id": "1", "nickname": "Al", "quota": {"a": [1]}, "deployment_roles": [{"role": "viewer", "all_deployments": true, "note": "x"}]}`, []string{"deployment-viewer:*"}},
		"an unknown kind, but empty": {`{"connected_roles": []}`, []string{}},
		"several kinds": {`{"organization_role": "billing-admin", "project_security_roles": [{"role": "viewer", "all_projects": true}], "deployment_roles": [{"role": "viewer", "all_deployments": true}]}`,
			[]string{"billing-admin", "deployment-viewer:*", "security-viewer:*"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := moved(t, ecState(movedOrganization, `"alice@example.com": `+test.member))
			if want := membersState(t, movedOrganization, map[string][]string{"alice@example.com": test.grants}); !got.Value.Equal(want) {
				t.Errorf("it becomes %s, want %s", got.Value, want)
			}
		})
	}
}

// Who has not joined is pending, in lower case and sorted; the address of a member keeps
// its spelling.
func TestMoveOfInvitations(t *testing.T) {
	t.Parallel()
	got := moved(t, ecState(movedOrganization, ownerInECState,
		`"Zoe@Example.com": {"email": "zoe@example.com", "invitation_pending": true, "user_id": ""}`,
		`"adam@example.com": {"invitation_pending": true, "organization_role": "billing-admin"}`,
		`"bob@example.com": {"invitation_pending": false}`, `"carol@example.com": {"invitation_pending": null}`))
	want := membersState(t, movedOrganization, map[string][]string{
		"owner@example.com": {"organization-admin"}, "Zoe@Example.com": {}, "adam@example.com": {"billing-admin"}, "bob@example.com": {}, "carol@example.com": {},
	}, "adam@example.com", "zoe@example.com")
	if !got.Value.Equal(want) {
		t.Errorf("it becomes %s, want %s", got.Value, want)
	}
}

// The move is from ec_organization of Elastic's provider, from any registry.
func TestMoveFromAnyRegistry(t *testing.T) {
	t.Parallel()
	for _, address := range []string{elasticsProvider, "registry.opentofu.org/elastic/ec", "mirror.example.com:8443/elastic/ec", "elastic/ec", "ec"} {
		request := moveOf(ecState(movedOrganization, ownerInECState))
		request.SourceProviderAddress = address
		request.SourceSchemaVersion = 7
		if resp := move(t, request); len(resp.Diagnostics) > 0 || resp.TargetState == nil {
			t.Errorf("from %s: %v", address, resp.Diagnostics)
		}
	}
}

// What cannot be moved is an error, and there is no state.
func TestMoveRefused(t *testing.T) {
	t.Parallel()
	with := func(change func(*tfprotov6.MoveResourceStateRequest)) *tfprotov6.MoveResourceStateRequest {
		request := moveOf(ecState(movedOrganization, ownerInECState))
		change(request)
		return request
	}
	of := func(member string) *tfprotov6.MoveResourceStateRequest {
		return moveOf(ecState(movedOrganization, ownerInECState, `"alice@example.com": `+member))
	}
	notAGrant := func(line string) []string {
		return []string{couldNotMove, "cannot be written as grants", nothingWasMoved, importInsteadOfECs, "- alice@example.com, " + line}
	}
	for name, test := range map[string]struct {
		request *tfprotov6.MoveResourceStateRequest
		want    []string
	}{
		"another type": {with(func(r *tfprotov6.MoveResourceStateRequest) { r.SourceTypeName = "ec_deployment" }),
			[]string{"Could not move ec_deployment to elasticcloud_members", elasticsProvider, whatCanBeMoved, nothingWasMoved, "use a removed block"}},
		"another provider": {with(func(r *tfprotov6.MoveResourceStateRequest) {
			r.SourceProviderAddress = "registry.terraform.io/notelastic/ec"
		}),
			[]string{couldNotMove, "registry.terraform.io/notelastic/ec", whatCanBeMoved, nothingWasMoved}},
		"a provider of such a name": {with(func(r *tfprotov6.MoveResourceStateRequest) { r.SourceProviderAddress = "example.com/elastic/xec" }),
			[]string{couldNotMove, whatCanBeMoved}},
		"the same type": {with(func(r *tfprotov6.MoveResourceStateRequest) {
			r.SourceProviderAddress, r.SourceTypeName = "registry.terraform.io/elasticcloud-access/elasticcloud", "elasticcloud_member"
		}),
			[]string{"Could not move elasticcloud_member to elasticcloud_members", whatCanBeMoved}},
		"no JSON": {moveOf("{"), []string{couldNotMove, "The state of ec_organization cannot be read", nothingWasMoved, importInsteadOfECs}},
		"a state of Terraform 0.11": {with(func(r *tfprotov6.MoveResourceStateRequest) {
			r.SourceState = &tfprotov6.RawState{Flatmap: map[string]string{"id": "1"}}
		}), []string{couldNotMove, "cannot be read"}},
		"members of another type":   {moveOf(`{"members": [1]}`), []string{couldNotMove, "cannot be read"}},
		"no scope":                  {of(`{"deployment_roles": [{"role": "editor", "all_deployments": false, "deployment_ids": []}]}`), notAGrant(`deployment_roles: "deployment-editor", character 18: deployment-editor needs a scope`)},
		"all and single ones":       {of(`{"project_security_roles": [{"role": "viewer", "all_projects": true, "project_ids": ["p"]}]}`), notAGrant("project_security_roles: security-viewer has both")},
		"an ID that is none":        {of(`{"deployment_roles": [{"role": "viewer", "deployment_ids": ["a b"]}]}`), notAGrant(`deployment_roles: "deployment-viewer:a b", character 20`)},
		"an empty ID":               {of(`{"deployment_roles": [{"role": "viewer", "deployment_ids": [null]}]}`), notAGrant("deployment_roles: resource_ids of deployment-viewer contains an empty ID or null")},
		"an empty role":             {of(`{"deployment_roles": [{"all_deployments": true}]}`), notAGrant(`deployment_roles: "deployment-:*"`)},
		"an empty application role": {of(`{"deployment_roles": [{"role": "viewer", "all_deployments": true, "application_roles": [""]}]}`), notAGrant("deployment_roles: application_roles of deployment-viewer contains an empty role")},
		"a role of a new kind":      {of(`{"connected_roles": [{"role": "viewer", "all": true}]}`), notAGrant(`connected_roles: the role "viewer" is for a kind of resource that this version`)},
		"roles that are none":       {of(`{"project_security_roles": "all"}`), notAGrant("project_security_roles: ")},
		"an organization role":      {of(`{"organization_role": "Organization owner"}`), notAGrant(`organization_role: "Organization owner", character 13`)},
		"a steered terminal":        {of(`{"organization_role": "\u001b[2J"}`), notAGrant("organization_role: ")},
		"two people": {moveOf(ecState(movedOrganization, `"b@example.com": {"organization_role": "x y"}`, `"a@example.com": {"organization_role": "", "deployment_roles": [{"role": "viewer"}, {"role": "editor"}]}`)),
			[]string{"\n- a@example.com, deployment_roles: \"deployment-viewer\"", "\n- a@example.com, deployment_roles: \"deployment-editor\"", "\n- a@example.com, organization_role: role is missing", "\n- b@example.com, organization_role: \"x y\""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := move(t, test.request)
			if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
				t.Fatalf("it says %v", resp.Diagnostics)
			}
			if resp.TargetState != nil {
				t.Errorf("there is a state: %v", resp.TargetState)
			}
			said := resp.Diagnostics[0].Summary + "\n" + resp.Diagnostics[0].Detail
			wantText(t, said, test.want...)
			if strings.Contains(said, "\x1b") {
				t.Errorf("it steers a terminal: %q", said)
			}
		})
	}
}

// No other resource takes the state of another type, and each says what can be moved.
func TestNoOtherMoves(t *testing.T) {
	t.Parallel()
	schemas, err := allSchemas()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(schemas.ResourceSchemas)) {
		if name == membersName {
			continue
		}
		request := moveOf(ecState(movedOrganization, ownerInECState))
		request.TargetTypeName = name
		resp := move(t, request)
		if len(resp.Diagnostics) != 1 || resp.TargetState != nil {
			t.Errorf("%s: %v, and the state %v", name, resp.Diagnostics, resp.TargetState)
			continue
		}
		wantText(t, resp.Diagnostics[0].Summary+" "+resp.Diagnostics[0].Detail, "Could not move ec_organization to "+name, whatCanBeMoved, nothingWasMoved, "import the "+name)
	}
}

// movedCore is an organization and its people as they were moved, with their
// configuration.
func movedCore(t *testing.T, id func(*cloudtest.Server) string) (*core, map[string]block) {
	t.Helper()
	srv := newFake(t)
	srv.AddMember("Alice@example.com", "billing-admin", "deployment-viewer:*", "elasticsearch-viewer:p+x+y")
	srv.AddInvitation("bob@example.com", "security-t1-analyst:*")
	c := startCore(t, srv)
	c.State["all"] = moved(t, ecState(id(srv), ownerInECState,
		`"Alice@example.com": {"organization_role": "billing-admin", "deployment_roles": [{"role": "viewer", "all_deployments": true}],
			"project_elasticsearch_roles": [{"role": "viewer", "project_ids": ["p"], "application_roles": ["y", "x"]}]}`,
		`"bob@example.com": {"invitation_pending": true, "project_security_roles": [{"role": "t1-analyst", "all_projects": true}]}`))
	srv.ResetLedger()
	c.set()
	return c, membersBlock(map[string][]string{
		"owner@example.com": {"organization-admin"}, "Alice@example.com": {"billing-admin", "deployment-viewer:*", "elasticsearch-viewer:p+x+y"}, "bob@example.com": {"security-t1-analyst:*"},
	})
}

// The plan after a move is empty, with a refresh and without, and a refresh changes
// nothing either.
func TestMovedStatePlansEmpty(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c, config := movedCore(t, func(srv *cloudtest.Server) string { return srv.OrganizationID })
		held := c.State["all"]
		for _, options := range []terraformtest.Options{{NoRefresh: true}, {}} {
			changes, err := c.planWith(t.Context(), config, options)
			if err != nil || len(changes) > 0 {
				t.Fatalf("the plan has %d changes, %v", len(changes), err)
			}
			if after := c.State["all"]; !after.Value.Equal(held.Value) || !sameIdentity(t, after.Identity, held.Identity) {
				t.Errorf("the state was %s, and is %s", held.Value, after.Value)
			}
		}
		wantWrites(t, c.fake)
	})
}

func sameIdentity(t *testing.T, a, b *tfprotov6.ResourceIdentityData) bool {
	t.Helper()
	return identityText(t, a) == identityText(t, b)
}

func identityText(t *testing.T, identity *tfprotov6.ResourceIdentityData) string {
	t.Helper()
	if identity == nil {
		return "none"
	}
	value, err := identity.IdentityData.Unmarshal(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"organization_id": tftypes.String}})
	if err != nil {
		t.Fatal(err)
	}
	return value.String()
}

// What ec_organization did not know or had wrong is read right after the move: the plan
// shows it.
func TestMovedStateIsRefreshed(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c, config := movedCore(t, func(srv *cloudtest.Server) string { return srv.OrganizationID })
		c.fake.Grant("alice@example.com", "organization-admin")
		c.fake.Accept("bob@example.com")
		c.fake.ResetLedger()
		changes, err := c.plan(t.Context(), config)
		if err != nil || len(changes) != 1 {
			t.Fatalf("the plan has %d changes, %v", len(changes), err)
		}
		want := membersState(t, c.fake.OrganizationID, map[string][]string{
			"owner@example.com": {"organization-admin"}, "Alice@example.com": {"billing-admin", "deployment-viewer:*", "elasticsearch-viewer:p+x+y", "organization-admin"}, "bob@example.com": {"security-t1-analyst:*"},
		})
		if got := c.State["all"].Value; !got.Equal(want) {
			t.Errorf("the state is %s, want %s", got, want)
		}
		for _, request := range c.fake.Requests() {
			if request.Method != http.MethodGet {
				t.Errorf("the plan sends %s %s", request.Method, request.Path)
			}
		}
	})
}

// A state without an organization's ID learns it at the first refresh.
func TestMovedStateWithoutID(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c, config := movedCore(t, func(*cloudtest.Server) string { return "" })
		if identity := c.State["all"].Identity; identity != nil && identity.IdentityData != nil {
			t.Errorf("the identity is %s", identityText(t, identity))
		}
		changes, err := c.plan(t.Context(), config)
		if err != nil || len(changes) > 0 {
			t.Fatalf("the plan has %d changes, %v", len(changes), err)
		}
		var fields map[string]tftypes.Value
		if err := c.State["all"].Value.As(&fields); err != nil {
			t.Fatal(err)
		}
		if want := tftypes.NewValue(tftypes.String, c.fake.OrganizationID); !fields["id"].Equal(want) {
			t.Errorf("the ID is %s, want %s", fields["id"], want)
		}
		wantText(t, identityText(t, c.State["all"].Identity), c.fake.OrganizationID)
	})
}

// A moved state is of the organization that its ID says, and of no other.
func TestMovedStateOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c, config := movedCore(t, func(*cloudtest.Server) string { return movedOrganization })
		held := c.State["all"]
		for _, options := range []terraformtest.Options{{NoRefresh: true}, {}} {
			_, err := c.planWith(t.Context(), config, options)
			if err == nil {
				t.Fatal("the plan succeeds")
			}
			wantText(t, err.Error(), fmt.Sprintf("The state belongs to the organization %s, but the provider is configured for the organization %s. Nothing was changed.", movedOrganization, c.fake.OrganizationID))
			if !c.State["all"].Value.Equal(held.Value) {
				t.Errorf("the state is %s", c.State["all"].Value)
			}
		}
		wantWrites(t, c.fake)
	})
}
