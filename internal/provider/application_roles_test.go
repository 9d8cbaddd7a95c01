// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// showings are the ways in which a reply may show no application roles and an
// empty list of them.
var showings = map[string][]cloudtest.Option{
	"apart":           nil,
	"absent as empty": {cloudtest.AbsentAsEmpty()},
	"empty as absent": {cloudtest.EmptyAsAbsent()},
}

// No application roles and an empty list of them are two grants. Whatever a reply
// shows, each is sent as it is written, nothing differs for ever, and a change from
// one to the other is made.
func TestNoApplicationRolesAndAnEmptyList(t *testing.T) {
	t.Parallel()
	const absent, empty, list = "elasticsearch-viewer:*", "elasticsearch-viewer:*+", "elasticsearch-viewer:*+analyst"
	for showing, options := range showings {
		for name, resource := range map[string]func(grant string) string{
			"member": func(grant string) string { return member("alice", "alice@example.com", roles(grant)) },
			"members": func(grant string) string {
				return fmt.Sprintf("resource \"elasticcloud_members\" \"all\" {\n  members = { \"owner@example.com\" = [\"organization-admin\"], \"alice@example.com\" = [%q] }\n}\n", grant)
			},
			"role_assignment": func(grant string) string {
				return fmt.Sprintf("resource \"elasticcloud_role_assignment\" \"a\" {\n  email = \"alice@example.com\"\n  role = %q\n}\n", grant)
			},
		} {
			for _, joined := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, %s, joined %v", showing, name, joined), func(t *testing.T) {
					t.Parallel()
					if name == "role_assignment" && !joined {
						return // it waits
					}
					playing(t, func(t *testing.T) {
						srv := newFake(t, options...)
						if joined {
							srv.AddMember("alice@example.com")
						}
						tf := newTerraform(t, srv)
						for _, grant := range []string{absent, empty, absent, list, empty, list, absent} {
							tf.configure(resource(grant))
							tf.must("apply", "-auto-approve")
							if got := srv.Grants("alice@example.com"); !slices.Equal(got, []string{grant}) {
								t.Errorf("%s is written, and %q is there", grant, got)
							}
							wantText(t, tf.must("plan"), "No changes.")
						}
					})
				})
			}
		}
		t.Run(showing+", role_mapping", func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv, _ := withSSO(t, options...)
				tf := newTerraform(t, srv)
				for _, grant := range []string{absent, empty, absent, list, empty, list, absent} {
					tf.configure(mapping("owners", "owners", ownersRule, roles("organization-admin", grant)))
					tf.must("apply", "-auto-approve")
					if got := srv.RoleMappings()[0].Grants; !slices.Contains(got, grant) || len(got) != 2 {
						t.Errorf("%s is written, and %q is there", grant, got)
					}
					wantText(t, tf.must("plan"), "No changes.")
				}
			})
		})
	}
}

// A grant of each form is written, read, imported and reported as it is.
func TestGrantsOfEachForm(t *testing.T) {
	t.Parallel()
	grants := []string{
		"organization-admin", "billing-admin", "deployment-editor:*", "deployment-viewer:ce03a623751b4fc98d48400fec58b9c0",
		"elasticsearch-viewer:*+", "elasticsearch-viewer:a+", "elasticsearch-viewer:b+analyst+reader", "security-viewer:*+soc%2Bteam",
		"observability-viewer:*", "vectordb-new:*", "cloud-connected-admin:*", "cloud-connected-admin:c1",
	}
	for showing, options := range showings {
		t.Run(showing, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t, options...)
				srv.AddMember("alice@example.com")
				tf := newTerraform(t, srv)
				hcl := member("alice", "alice@example.com", roles(grants...))
				tf.configure(hcl)
				tf.must("apply", "-auto-approve")
				if got, want := srv.Grants("alice@example.com"), strings.Split(strings.ReplaceAll(strings.Join(slices.Sorted(slices.Values(grants)), "\n"), "%2B", "+"), "\n"); !slices.Equal(got, want) {
					t.Errorf("written are\n%s\nand there are\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
				}
				wantText(t, tf.must("plan"), "No changes.")
				if showing != "apart" { // an import and a report take what the reply shows
					return
				}
				wantReported(t, srv, "alice@example.com", grants)
				adopting := newTerraform(t, srv)
				adopting.configure(hcl + "import {\n  to = elasticcloud_member.alice\n  id = \"alice@example.com\"\n}\n")
				wantText(t, adopting.must("plan"), "1 to import, 0 to add, 0 to change, 0 to destroy")
			})
		})
	}
}

// An existing grant that gives more than the configured one is different, however a reply
// shows it.
func TestEmptyListIsNotTakenForMore(t *testing.T) {
	t.Parallel()
	const absent, empty = "elasticsearch-viewer:*", "elasticsearch-viewer:*+"
	for showing, options := range showings {
		t.Run("adopted member, "+showing, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t, options...)
				srv.AddMember("alice@example.com", absent)
				tf := newTerraform(t, srv)
				tf.configure(member("alice", "alice@example.com", roles(empty)))
				tf.must("apply", "-auto-approve")
				wantGrants(t, srv, "alice@example.com", empty)
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
		t.Run("adopted mapping, "+showing, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv, _ := withSSO(t, options...)
				srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin", absent)
				tf := newTerraform(t, srv)
				tf.configure(mapping("owners", "owners", ownersRule, roles("organization-admin", empty)))
				tf.must("apply", "-auto-approve")
				if got := srv.RoleMappings()[0].Grants; !slices.Contains(got, empty) || slices.Contains(got, absent) {
					t.Errorf("the mapping gives %q", got)
				}
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
	t.Run("given by hand", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember("alice@example.com")
			tf := newTerraform(t, srv)
			tf.configure(member("alice", "alice@example.com", roles(empty)))
			tf.must("apply", "-auto-approve")
			srv.Grant("alice@example.com", absent)
			wantText(t, tf.must("plan"), `- "elasticsearch-viewer:*"`)
			tf.must("apply", "-auto-approve")
			wantGrants(t, srv, "alice@example.com", empty)
		})
	})
	t.Run("imported", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember("alice@example.com", absent)
			tf := newTerraform(t, srv)
			tf.configure("resource \"elasticcloud_role_assignment\" \"a\" {\n  email = \"alice@example.com\"\n  role = \"" + empty + "\"\n}\nimport {\n  to = elasticcloud_role_assignment.a\n  id = \"alice@example.com/" + empty + "\"\n}\n")
			out, ok := tf.run("plan")
			if ok {
				t.Error("the import succeeds")
			}
			wantText(t, out, `"alice@example.com" does not hold `+empty)
		})
	})
}

// A grant that Elastic Cloud refuses fails alone, and the person keeps the grants that it
// should replace. The state has the present grants.
func TestRefusedGrantKeepsWhatItReplaces(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.Untouchable("elasticsearch", "d1")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("elasticsearch-viewer:*", "billing-admin")))
		tf.must("apply", "-auto-approve")
		tf.configure(member("alice", "alice@example.com", roles("elasticsearch-viewer:d1")))
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeds")
		}
		wantText(t, out, "elasticsearch-viewer:d1", "role_assignments.unauthorized_role_assignments")
		wantGrants(t, srv, "alice@example.com", "elasticsearch-viewer:*")
		wantText(t, tf.must("plan"), `- "elasticsearch-viewer:*"`, `+ "elasticsearch-viewer:d1"`)
	})
}

// wantReported fails the test unless elasticcloud_access, its CSV and the list of
// role assignments have these grants of a person.
func wantReported(t *testing.T, srv *cloudtest.Server, email string, grants []string) {
	t.Helper()
	want := slices.Sorted(slices.Values(grants))
	people, err := organizationOf(t, srv).People.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := accessRows(people, nil, srv.OrganizationID)
	rows = slices.DeleteFunc(rows, func(r reportRow) bool { return r.key != email })
	var reported, listed []string
	for _, row := range rows {
		reported = append(reported, row.grant)
	}
	table, problem := call(t, newCSVFunction(), []string{"grant"}, accessColumns.rows(rows))
	if problem != nil {
		t.Fatal(problem)
	}
	if text := "grant\n" + strings.Join(want, "\n") + "\n"; !table.Equal(types.StringValue(text)) {
		t.Errorf("the table is %s, want %s", table, text)
	}
	c := startCore(t, srv)
	for _, name := range c.names(t, listBlock{typeName: "elasticcloud_role_assignment", config: map[string]any{"email": email}}) {
		grant := strings.TrimPrefix(name, email+": ")
		listed = append(listed, strings.TrimSuffix(grant, " (assigned)"))
	}
	slices.Sort(reported)
	slices.Sort(listed)
	if !slices.Equal(reported, want) || !slices.Equal(listed, want) {
		t.Errorf("reported are %q, listed %q, want %q", reported, listed, want)
	}
}

func organizationOf(t *testing.T, srv *cloudtest.Server) *organization.Organization {
	t.Helper()
	client, err := cloud.New(cloud.Config{Endpoint: srv.URL, APIKey: srv.Key, Transport: srv.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return organization.New(client, organization.Config{})
}
