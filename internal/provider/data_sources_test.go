// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/big"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

const getOrganization = "GET /organizations/{organization_id}"

// readData reads a data source in a separate run, and returns its attributes with the
// diagnostics.
func readData(t testing.TB, srv *cloudtest.Server, typeName string, config map[string]any) (jsonObject, []*tfprotov6.Diagnostic) {
	t.Helper()
	c, err := newCore(srv)
	if err != nil {
		t.Fatal(err)
	}
	server, err := c.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dataType := c.Schemas.DataSourceSchemas[typeName].ValueType()
	value, err := terraformtest.Dynamic(terraformtest.Value(dataType, config))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: value})
	if err != nil {
		t.Fatal(err)
	}
	if terraformtest.Failure(resp.Diagnostics, nil) != nil {
		return nil, resp.Diagnostics
	}
	state, err := resp.State.Unmarshal(dataType)
	if err != nil {
		t.Fatal(err)
	}
	attributes, ok := plainValue(t, state).(jsonObject)
	if !ok {
		t.Fatalf("%s is %s", typeName, state)
	}
	return attributes, resp.Diagnostics
}

// mustRead is readData where nothing is to be said.
func mustRead(t testing.TB, srv *cloudtest.Server, typeName string, config map[string]any) jsonObject {
	t.Helper()
	attributes, diagnostics := readData(t, srv, typeName, config)
	for _, d := range diagnostics {
		t.Fatalf("%s: %s: %s", typeName, d.Summary, d.Detail)
	}
	return attributes
}

// plainValue is a value of Terraform in Go's own types; a set is sorted.
func plainValue(t testing.TB, value tftypes.Value) any {
	t.Helper()
	var err error
	var result any
	switch {
	case value.IsNull():
		return nil
	case value.Type().Is(tftypes.String):
		var s string
		err = value.As(&s)
		result = s
	case value.Type().Is(tftypes.Bool):
		var b bool
		err = value.As(&b)
		result = b
	case value.Type().Is(tftypes.Number):
		var n big.Float
		err = value.As(&n)
		result, _ = n.Float64()
	case value.Type().Is(tftypes.List{}), value.Type().Is(tftypes.Set{}):
		var elements []tftypes.Value
		err = value.As(&elements)
		list := jsonArray{}
		for _, element := range elements {
			list = append(list, plainValue(t, element))
		}
		if value.Type().Is(tftypes.Set{}) {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		result = list
	default:
		var attributes map[string]tftypes.Value
		err = value.As(&attributes)
		object := jsonObject{}
		for name, attribute := range attributes {
			object[name] = plainValue(t, attribute)
		}
		result = object
	}
	if err != nil {
		t.Fatal(err)
	}
	return result
}

var dataSources = []string{
	"elasticcloud_access", "elasticcloud_domains", "elasticcloud_members", "elasticcloud_organization", "elasticcloud_role_mappings", "elasticcloud_saml_idp",
}

// newReadOnly is an organization with something of everything, and a key that
// may only read. The fake shows it differently each time.
func newReadOnly(t testing.TB, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	start := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	opts = append(opts, cloudtest.ReadOnlyKey(), cloudtest.Clock(func() time.Time { return start }))
	srv := cloudtest.New(t, opts...)
	srv.AddMember("owner@example.com", "organization-admin")
	seedOrganization(srv)
	return srv
}

func want(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestMembersDataSource(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	roles := map[string]any{
		"alice@example.com": jsonArray{"billing-admin", "deployment-editor:*"},
		"bob@example.com":   jsonArray{"deployment-viewer:*"},
		"carol@example.com": jsonArray{"deployment-viewer:ce03a623751b4fc98d48400fec58b9c0", "elasticsearch-viewer:*+analyst+reader"},
		"dave@example.com":  jsonArray{"billing-admin"},
		"owner@example.com": jsonArray{"organization-admin"},
	}
	for range 3 {
		members, _ := mustRead(t, srv, "elasticcloud_members", nil)["members"].(jsonArray)
		var ids []string
		for _, m := range members {
			member, _ := m.(jsonObject)
			id, _ := member["id"].(string)
			email, _ := member["email"].(string)
			ids = append(ids, id)
			if !strings.EqualFold(id, email) {
				t.Errorf("%s has the address %s", id, email)
			}
			want(t, member["roles"], roles[id])
			switch id {
			case "carol@example.com", "dave@example.com":
				status := map[string]string{"carol@example.com": "invited", "dave@example.com": "expired"}[id]
				want(t, member["status"], status)
				want(t, []any{member["user_id"], member["name"], member["member_since"]}, jsonArray{nil, nil, nil})
				if expires, _ := member["invitation_expires_at"].(string); !strings.HasPrefix(expires, "2026-05-0") {
					t.Errorf("the invitation of %s ends at %q", id, expires)
				}
			default:
				want(t, []any{member["status"], member["member_since"], member["invitation_expires_at"]}, jsonArray{"active", "2026-05-01T12:00:00Z", nil})
				if userID, _ := member["user_id"].(string); len(userID) != 10 {
					t.Errorf("the user ID of %s is %q", id, userID)
				}
			}
		}
		want(t, ids, []string{"alice@example.com", "bob@example.com", "carol@example.com", "dave@example.com", "owner@example.com"})
	}
	wantWrites(t, srv)
}

// An address is found in any case, and an unknown address is not an error.
func TestMembersDataSourceOfOnePerson(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	found := mustRead(t, srv, "elasticcloud_members", map[string]any{"email": "ALICE@Example.com"})
	members, _ := found["members"].(jsonArray)
	if len(members) != 1 {
		t.Fatalf("found %v", members)
	}
	alice, _ := members[0].(jsonObject)
	want(t, []any{found["email"], alice["id"], alice["name"]}, jsonArray{"ALICE@Example.com", "alice@example.com", "Alice"})
	want(t, mustRead(t, srv, "elasticcloud_members", map[string]any{"email": "nobody@example.com"})["members"], jsonArray{})

	testSteps(t, srv, resource.TestStep{
		Config:      `data "elasticcloud_members" "typo" { email = "alice at example.com" }`,
		ExpectError: regexp.MustCompile("Invalid e-mail address"),
	})
}

// A member whose address the service does not give is there all the same.
func TestDataSourcesOfMemberWithoutAddress(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.Fail(cloudtest.Fault{Route: getMem, Times: -1, Body: `{"members":[{"user_id":"4711","organization_id":"` + srv.OrganizationID + `","member_since":"2026-05-01T12:00:00Z","role_assignments":{"organization":[{"role_id":"organization-admin","organization_id":"` + srv.OrganizationID + `"}]}}]}`})
	want(t, mustRead(t, srv, "elasticcloud_members", nil)["members"], jsonArray{jsonObject{
		"id": "4711", "email": nil, "status": "active", "roles": jsonArray{"organization-admin"}, "user_id": "4711", "name": nil,
		"member_since": "2026-05-01T12:00:00Z", "invitation_expires_at": nil,
	}})
	grants, _ := mustRead(t, srv, "elasticcloud_access", nil)["grants"].(jsonArray)
	if !strings.Contains(fmt.Sprint(grants), "principal:4711") {
		t.Errorf("got %v", grants)
	}
}

func TestDomainsDataSource(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	want(t, mustRead(t, srv, "elasticcloud_domains", nil), jsonObject{"domains": jsonArray{"example.com", "example.org"}})
}

func TestRoleMappingsDataSource(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	group := func(name string) jsonObject { return jsonObject{"group": name, "email": nil} }
	email := func(pattern string) jsonObject { return jsonObject{"group": nil, "email": pattern} }
	all := jsonArray{
		jsonObject{"name": "founders", "enabled": true, "rule": jsonObject{"any": jsonArray{group("founders"), email("ceo@example.com")}, "all": nil}, "roles": jsonArray{"organization-admin"}},
		jsonObject{"name": "owners", "enabled": false, "rule": jsonObject{"any": jsonArray{group("elastic-owners")}, "all": nil}, "roles": jsonArray{"organization-admin"}},
		jsonObject{"name": "viewers", "enabled": true, "rule": jsonObject{"any": nil, "all": jsonArray{email("*@example.org"), group("staff")}}, "roles": jsonArray{"deployment-viewer:*"}},
	}
	for range 3 {
		want(t, mustRead(t, srv, "elasticcloud_role_mappings", nil)["role_mappings"], all)
	}
}

func TestOrganizationDataSource(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	got := mustRead(t, srv, "elasticcloud_organization", nil)
	if login, _ := got["sso_login_identifier"].(string); !strings.HasPrefix(login, "acme-") {
		t.Errorf("the login identifier is %q", login)
	}
	delete(got, "sso_login_identifier")
	want(t, got, jsonObject{
		"id": srv.OrganizationID, "name": "Example organization", "sso_enforced": true,
		"billing_contacts": jsonArray{}, "operational_contacts": jsonArray{}, "notifications_allowed_email_domains": jsonArray{},
	})
}

func TestOrganizationDataSourceContacts(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	srv.Fail(cloudtest.Fault{Route: getOrganization, Status: http.StatusOK, Body: `{"id":"` + srv.OrganizationID + `","name":"Acme","billing_contacts":["b@example.com","a@example.com"],"operational_contacts":["c@example.com"],"notifications_allowed_email_domains":["example.org","example.com"],"enforce_authentication_method":null}`})
	got := mustRead(t, srv, "elasticcloud_organization", nil)
	want(t, got, jsonObject{
		"id": srv.OrganizationID, "name": "Acme", "sso_enforced": false, "sso_login_identifier": nil,
		"billing_contacts": jsonArray{"a@example.com", "b@example.com"}, "operational_contacts": jsonArray{"c@example.com"},
		"notifications_allowed_email_domains": jsonArray{"example.com", "example.org"},
	})
}

// Where the service does not say whether SSO is enforced, nothing is claimed.
func TestOrganizationDataSourceWithoutEnforcement(t *testing.T) {
	t.Parallel()
	got := mustRead(t, newReadOnly(t, cloudtest.OmitEnforcement()), "elasticcloud_organization", nil)
	want(t, got["sso_enforced"], nil)
}

func TestSAMLIdPDataSource(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	first := cloudtest.NewTestIdP()
	srv.ChangeIdP(func(idp *cloudtest.IdP) { idp.Certificates = append(idp.Certificates, first.Certificate()) })
	got := mustRead(t, srv, "elasticcloud_saml_idp", nil)
	configured := srv.IdP()
	want(t, []any{got["configured"], got["enabled"], got["id"], got["login_identifier_prefix"], got["issuer"], got["sso_url"]},
		jsonArray{true, true, srv.OrganizationID, "acme", configured.Issuer, configured.SSOURL})
	certificates, _ := got["certificates"].(jsonArray)
	var texts []string
	for _, certificate := range certificates {
		text, _ := certificate.(string)
		texts = append(texts, text)
	}
	if len(texts) != 2 || !sameCertificates(texts, configured.Certificates) {
		t.Errorf("the certificates are %v", texts)
	}
	for _, name := range []string{"login_identifier", "sso_login_url", "acs_url", "sp_entity_id", "metadata_url", "certificates_expire_at"} {
		if text, _ := got[name].(string); text == "" {
			t.Errorf("there is no %s", name)
		}
	}
	for range 5 { // in whatever order and encoding the service returns them
		want(t, mustRead(t, srv, "elasticcloud_saml_idp", nil), got)
	}
}

// Where there is nothing, the answer is empty and no error.
func TestDataSourcesOfEmptyOrganization(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.ReadOnlyKey())
	want(t, mustRead(t, srv, "elasticcloud_domains", nil), jsonObject{"domains": jsonArray{}})
	want(t, mustRead(t, srv, "elasticcloud_role_mappings", nil), jsonObject{"role_mappings": jsonArray{}})
	for name, value := range mustRead(t, srv, "elasticcloud_saml_idp", nil) {
		if name == "configured" {
			want(t, value, false)
		} else if value != nil {
			t.Errorf("%s is %v", name, value)
		}
	}
	wantWrites(t, srv)
}

// A run makes each list call once, for six data sources, twice, and the resources together.
func TestDataSourcesListOnce(t *testing.T) {
	t.Parallel()

	srv := newFake(t)
	seedOrganization(srv)
	hcl := member("erin", "erin@example.com", roles("billing-admin")) + "resource \"elasticcloud_domain_claim\" \"other\" {\n  domain = \"example.net\"\n}\n" +
		"resource \"elasticcloud_role_mapping\" \"finance\" {\n  name = \"finance\"\n  rule = { any = [{ group = \"finance\" }] }\n  roles = [\"billing-admin\"]\n}\n"
	for _, typeName := range dataSources {
		hcl += fmt.Sprintf("data %q \"a\" {}\ndata %q \"b\" {}\n", typeName, typeName)
	}
	tf := newCLI(t, srv)
	tf.configure(hcl)
	tf.must("apply", "-auto-approve")
	srv.ResetLedger()
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)
	for _, route := range []string{getMem, getInv, getDomains, getMap} {
		if count := srv.Count(route); count != 1 {
			t.Errorf("%s was sent %d times", route, count)
		}
	}

}

// What is read during apply, after what it depends on, shows what this run
// wrote; also where the service's lists lag behind.
func TestDataSourcesReadDuringApply(t *testing.T) {
	t.Parallel()

	srv := newFake(t, cloudtest.Lag(time.Second))
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	hcl := member("alice", "alice@example.com", roles("billing-admin")) + `
resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "owners" }] }
  roles = ["organization-admin"]
}
`
	for _, typeName := range dataSources {
		hcl += fmt.Sprintf("data %q \"now\" {\n  depends_on = [elasticcloud_member.alice, elasticcloud_role_mapping.owners]\n}\n", typeName)
	}
	hcl += `
output "seen" {
  value = join(" ", concat(
    [for g in data.elasticcloud_access.now.grants : "${g.principal}=${g.grant}"],
    [for m in data.elasticcloud_members.now.members : m.id],
    data.elasticcloud_role_mappings.now.role_mappings[*].name,
  ))
}
`
	const seen = "owner@example.com=organization-admin alice@example.com=%s owners=organization-admin alice@example.com owner@example.com owners"
	tf := newCLI(t, srv)
	tf.configure(hcl)
	wantText(t, tf.must("apply", "-auto-approve"), fmt.Sprintf(seen, "billing-admin"))
	tf.configure(strings.Replace(hcl, "billing-admin", "deployment-viewer:*", 1))
	wantText(t, tf.must("apply", "-auto-approve"), fmt.Sprintf(seen, "deployment-viewer:*"))

}

// What cannot be listed is an error that says what was tried and what the
// service said, never an empty answer.
func TestDataSourcesReportErrors(t *testing.T) {
	t.Parallel()
	for typeName, test := range map[string]struct {
		routes  []string
		summary string
	}{
		"elasticcloud_organization":  {[]string{getOrganization}, "Could not read the organization"},
		"elasticcloud_members":       {[]string{getMem, getInv}, "Could not list the organization's people"},
		"elasticcloud_domains":       {[]string{getDomains}, "Could not list the claimed domains"},
		"elasticcloud_role_mappings": {[]string{getMap}, "Could not list the role mappings"},
		"elasticcloud_saml_idp":      {[]string{getIdP}, "Could not read the SAML IdP"},
		"elasticcloud_access":        {[]string{getMem, getInv, getMap}, "Could not list the"},
	} {
		for _, route := range test.routes {
			t.Run(typeName+" "+route, func(t *testing.T) {
				t.Parallel()
				srv := newReadOnly(t)
				srv.Fail(cloudtest.Fault{Route: route, Status: http.StatusForbidden, Code: "root.unauthorized", Message: "you may not"})
				_, diagnostics := readData(t, srv, typeName, nil)
				err := terraformtest.Failure(diagnostics, nil)
				if err == nil {
					t.Fatal("no error")
				}
				wantText(t, err.Error(), test.summary, "you may not", route, "The API key is not allowed to do this")
			})
		}
		t.Run(typeName+" of another organization", func(t *testing.T) {
			t.Parallel()
			srv := newReadOnly(t)
			for _, route := range test.routes {
				srv.Fail(cloudtest.Fault{Route: route, Status: http.StatusNotFound, Code: "organization.not_found", Message: "no such organization"})
			}
			_, diagnostics := readData(t, srv, typeName, nil)
			if err := terraformtest.Failure(diagnostics, nil); err == nil || !strings.Contains(err.Error(), "the API key does not see the organization") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Each role has its scope, and what the console calls it where that is known.
func TestRolesHaveNames(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		list, _ := mustRead(t, srv, "elasticcloud_roles", nil)["roles"].(jsonArray)
		for _, want := range []jsonObject{
			{"role": "organization-admin", "scope": "organization", "name": "Organization owner"},
			{"role": "deployment-viewer", "scope": "deployment", "name": "Viewer"},
			{"role": "security-soc-manager", "scope": "security", "name": "SOC manager"},
			{"role": "cloud-connected-admin", "scope": "cloud-connected", "name": nil},
		} {
			if !slices.ContainsFunc(list, func(row any) bool { return reflect.DeepEqual(row, want) }) {
				t.Errorf("%v is not among %v", want, list)
			}
		}
		if n := len(srv.Requests()); n > 0 || len(list) != len(cloud.Roles()) {
			t.Errorf("%d roles after %d requests", len(list), n)
		}
	})
}

// The roles are known without a request, and each is one that a grant can have.
func TestRolesDataSource(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	out := example(t, srv, "data-sources/elasticcloud_roles").must("apply", "-auto-approve")
	wantText(t, out, `"cloud-connected" = [ "cloud-connected-admin", ]`, `"organization" = [ "organization-admin", "billing-admin", ]`, `"security-soc-manager"`)
	if n := len(srv.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
	for _, role := range cloud.Roles() {
		text := role.ID
		if role.Kind != "" {
			text += ":*"
		}
		if problems := grantProblems(text); len(problems) > 0 {
			t.Errorf("%s: %v", text, problems)
		}
	}
	out = example(t, srv, "functions/parse_grant").must("apply", "-auto-approve")
	wantText(t, out, `application_roles = [ + "analyst", + "reader", ]`, `scope = "elasticsearch"`)
}
