// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// seesOnlyCarol makes the service show only one member, who is not an owner.
func seesOnlyCarol(srv *cloudtest.Server) {
	srv.Fail(cloudtest.Fault{Route: getMem, Times: -1, Body: fmt.Sprintf(
		`{"members": [{"organization_id": %q, "user_id": "77", "email": "carol@example.com", "member_since": "2024-01-01T00:00:00Z", "role_assignments": {}}]}`, srv.OrganizationID)})
	srv.Fail(cloudtest.Fault{Route: getInv, Times: -1, Body: `{"invitations": []}`})
}

// appliedByAnOwner has a configuration applied with a key that sees everybody.
func appliedByAnOwner(t *testing.T, hcl string) (*cloudtest.Server, terraform) {
	t.Helper()
	srv := newFake(t, cloudtest.Plain())
	srv.AddMember("alice@example.com", "billing-admin")
	srv.AddMember("carol@example.com")
	tf := newTerraform(t, srv)
	tf.configure(hcl)
	tf.must("apply", "-auto-approve")
	return srv, tf
}

const partialView = "Warning: This API key may not see everyone"

// People whom the key does not see count as unknown: the state keeps them, a run warns once,
// and neither a plan nor an apply changes anything.
func TestPartialViewKeepsTheState(t *testing.T) {
	t.Parallel()
	for name, hcl := range map[string]string{
		"member":            member("alice", "alice@example.com", roles("billing-admin")) + member("invited", "frank@example.com"),
		"assignment":        assignment("a", `"alice@example.com"`, "billing-admin") + assignment("c", `"carol@example.com"`, "deployment-viewer:*"),
		"members":           people(ownerListed, "alice@example.com: billing-admin", "frank@example.com: ", "carol@example.com: "),
		"members_exclusive": exclusive(`["owner@example.com", "alice@example.com", "carol@example.com"]`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv, tf := appliedByAnOwner(t, hcl)
				before := srv.Emails()
				seesOnlyCarol(srv)
				srv.ResetLedger()
				out := tf.must("plan")
				wantText(t, out, "No changes.")
				if n := strings.Count(out, partialView); n != 1 {
					t.Errorf("it is said %d times:\n%s", n, out)
				}
				tf.must("apply", "-auto-approve")
				wantWrites(t, srv)

				srv.ClearFaults()
				out = tf.must("plan")
				wantText(t, out, "No changes.")
				if strings.Contains(out, partialView) {
					t.Errorf("it is said where everybody is visible:\n%s", out)
				}
				wantEmails(t, srv, before...)
			})
		})
	}
}

// What is to be destroyed and cannot be seen is not taken for gone.
func TestPartialViewRefusesToDestroy(t *testing.T) {
	t.Parallel()
	for name, hcl := range map[string]string{
		"member":     member("alice", "alice@example.com"),
		"invitation": member("frank", "frank@example.com"),
		"assignment": assignment("a", `"alice@example.com"`, "billing-admin"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv, tf := appliedByAnOwner(t, hcl)
				seesOnlyCarol(srv)
				srv.ResetLedger()
				out, ok := tf.run("destroy", "-auto-approve")
				if ok {
					t.Error("it is destroyed")
				}
				wantText(t, out, "so it may not see everyone", "Use an API key with the role Organization owner.")
				wantWrites(t, srv)
				srv.ClearFaults()
				wantText(t, tf.must("plan"), "No changes.")
				tf.must("destroy", "-auto-approve")
			})
		})
	}
}

// Resources that remove unlisted people refuse to write, even if the key sees nobody to
// remove.
func TestPartialViewRefusesToRemove(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ hcl, want string }{
		"members_exclusive":                 {exclusive(`["owner@example.com"]`), "Apply would remove carol@example.com."},
		"members_exclusive, nobody to go":   {exclusive(`["owner@example.com", "carol@example.com"]`), "Nobody was removed."},
		"members":                           {people(ownerListed), "Apply would remove carol@example.com."},
		"members, nobody to go":             {people(ownerListed, "carol@example.com: "), "Nothing was changed."},
		"members, an owner is made":         {people("carol@example.com: organization-admin"), "Nothing was changed."},
		"members_exclusive, an owner moves": {exclusive(`["carol@example.com"]`), "Nobody was removed."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t, cloudtest.Plain())
				srv.AddMember("carol@example.com")
				seesOnlyCarol(srv)
				tf := newTerraform(t, srv)
				tf.configure(test.hcl)
				wantText(t, tf.must("plan"), partialView)
				out, ok := tf.run("apply", "-auto-approve")
				if ok {
					t.Error("it is applied")
				}
				wantText(t, out, "while no owner is visible", test.want)
				wantWrites(t, srv)
			})
		})
	}
}

// Data sources say what they show, and that it may not be all.
func TestPartialViewOfDataSources(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		srv.AddMember("carol@example.com")
		srv.AddMember("anna@example.com", "organization-admin")
		for _, partial := range []bool{false, true} {
			if partial {
				seesOnlyCarol(srv)
			}
			for _, name := range []string{"elasticcloud_access", "elasticcloud_members"} {
				attributes, said := readData(t, srv, name, nil)
				warns := slices.ContainsFunc(said, func(d *tfprotov6.Diagnostic) bool { return "Warning: "+d.Summary == partialView })
				if warns != partial {
					t.Errorf("%s warns: %t, want %t", name, warns, partial)
				}
				if name == "elasticcloud_members" {
					continue
				}
				owners, _ := attributes["owners"].(jsonArray)
				if attributes["partial"] != partial || len(owners) > 0 == partial || !partial && fmt.Sprint(owners) != "[anna@example.com owner@example.com]" {
					t.Errorf("partial is %v, owners are %v", attributes["partial"], owners)
				}
			}
		}
	})
}

// If the provider block allows removing the last owner, the organization may have none.
func TestNoOwnerAllowed(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := cloudtest.New(t, cloudtest.InProcess())
		srv.AddMember("alice@example.com")
		srv.AddMember("carol@example.com")
		tf := newTerraform(t, srv)
		tf.configure(providerBlock("min_owners = 0") + exclusive(`["alice@example.com"]`))
		if out := tf.must("apply", "-auto-approve"); strings.Contains(out, partialView) {
			t.Errorf("it warns:\n%s", out)
		}
		wantEmails(t, srv, "alice@example.com")
	})
}

// An owner whom no address can name is named by the user ID.
func TestOwnersWithoutAddress(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		admin := fmt.Sprintf(`"organization": [{"role_id": "organization-admin", "organization_id": %q}]`, srv.OrganizationID)
		var members []string
		for id, email := range map[string]string{"1": "owner@example.com", "2": "", "3": "OWNER@example.com", "4": "anna@example.com"} {
			members = append(members, fmt.Sprintf(`{"organization_id": %q, "user_id": %q, "email": %q, "member_since": "2024-01-01T00:00:00Z", "role_assignments": {%s}}`, srv.OrganizationID, id, email, admin))
		}
		slices.Sort(members)
		srv.Fail(cloudtest.Fault{Route: getMem, Times: -1, Body: `{"members": [` + strings.Join(members, ",") + `]}`})
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["anna@example.com"]`))
		wantText(t, tf.must("plan"), "owner@example.com loses organization-admin", "Other owners before this plan: 2, 3, anna@example.com.")
	})
}

// A destroy of everything may end with the owner, or begin with them: where it is allowed,
// who has left meanwhile is gone, and not hidden.
func TestDestroyOfEverybodyWithTheOwner(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com")
		tf := newTerraform(t, srv)
		owner := member("o", "owner@example.com", roles("organization-admin"), "allow_last_owner_removal = true", "depends_on = [elasticcloud_member.b]")
		tf.configure(member("b", "bob@example.com") + owner)
		tf.must("apply", "-auto-approve")
		tf.must("plan", "-destroy", "-out=saved")
		srv.Remove("bob@example.com")
		tf.must("apply", "saved")
		wantEmails(t, srv)
	})
}
