// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// listCalls are the lists of one organization, each with the names of its entries.
func listCalls(client *Client, organizationID string) map[string]func(context.Context) ([]string, error) {
	return map[string]func(context.Context) ([]string, error){
		"members": func(ctx context.Context) (names []string, err error) {
			members, err := client.ListMembers(ctx, organizationID)
			for _, m := range members {
				names = append(names, Fold(m.Email))
			}
			return names, err
		},
		"invitations": func(ctx context.Context) (names []string, err error) {
			invitations, err := client.ListInvitations(ctx, organizationID)
			for _, i := range invitations {
				names = append(names, Fold(i.Email))
			}
			return names, err
		},
		"domains": func(ctx context.Context) (names []string, err error) {
			domains, err := client.ListDomains(ctx, organizationID)
			for _, d := range domains {
				names = append(names, Fold(d))
			}
			return names, err
		},
		"role_mappings": func(ctx context.Context) (names []string, err error) {
			mappings, err := client.ListRoleMappings(ctx, organizationID)
			for _, m := range mappings {
				names = append(names, m.Name)
			}
			return names, err
		},
	}
}

// withSeven returns an organization with seven of everything that is listed.
func withSeven(t *testing.T, opts ...cloudtest.Option) (srv *cloudtest.Server, want map[string][]string) {
	t.Helper()
	srv, want = newServer(t, opts...), map[string][]string{}
	for i := range 7 {
		add := func(list, format string) string {
			name := fmt.Sprintf(format, i)
			want[list] = append(want[list], name)
			return name
		}
		srv.AddMember(add("members", "m%d@example.com"), "organization-admin")
		srv.AddInvitation(add("invitations", "i%d@example.com"))
		srv.ClaimDomain(add("domains", "d%d.example.com"))
		srv.AddRoleMapping(add("role_mappings", "r%d"), true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
	}
	return srv, want
}

// A list that turns out to be in pages is read to its end.
func TestPagesAreFollowed(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 3, 7, 100} {
		synctest.Test(t, func(t *testing.T) {
			srv, want := withSeven(t, cloudtest.Pages(size))
			for list, read := range listCalls(newClient(t, config(srv)), srv.OrganizationID) {
				srv.ResetLedger()
				names, err := read(t.Context())
				slices.Sort(names)
				pages := 1
				if size > 0 {
					pages = (7 + size - 1) / size
				}
				if n := len(srv.Requests()); err != nil || !slices.Equal(names, want[list]) || n != pages {
					t.Errorf("%s in pages of %d: %v, %v after %d requests", list, size, names, err, n)
				}
			}
		})
	}
}

// A page that cannot be read is an error, never the end of the list.
func TestPagesThatCannotBeFollowed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"refused":                 {Status: 400, Code: "root.unknown_parameter"},
		"not there":               {Status: 404},
		"without the list":        {Body: `{}`},
		"with null":               {Body: `{"members":null,"invitations":null,"domains":null,"mappings":null}`},
		"with a cursor that is 2": {Body: `{"members":[],"invitations":[],"domains":[],"mappings":[],"next_page":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, _ := withSeven(t, cloudtest.Pages(3))
				for list, read := range listCalls(newClient(t, config(srv)), srv.OrganizationID) {
					f := fault
					f.Route, f.Skip = "GET /organizations/{organization_id}/"+list, 1
					srv.Fail(f)
					if names, err := read(t.Context()); err == nil || names != nil || !strings.Contains(err.Error(), "has more than one page, and the next one could not be read") {
						t.Errorf("%s: %v, %v", list, names, err)
					}
				}
			})
		})
	}
}

// A service that does not know the parameter answers with the first page again.
func TestPagesThatStayTheFirst(t *testing.T) {
	t.Parallel()
	calls := 0
	client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
		calls++
		return answer(200, nil, `{"members":[{"user_id":"1"}],"invitations":[{"email":"a@example.com"}],"domains":["a"],"mappings":[{"name":"a"}],"next_page":"2"}`), nil
	})
	for list, read := range listCalls(client, testOrganization) {
		calls = 0
		if names, err := read(t.Context()); err == nil || names != nil || calls != 2 {
			t.Errorf("%s: %v, %v after %d calls", list, names, err, calls)
		}
	}
}

// If a service always has another page, reading ends, and there is no list.
func TestPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	calls := 0
	client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
		calls++
		next := fmt.Sprintf(`"%d"`, calls)
		if calls > mostPages+10 {
			next = "null"
		}
		return answer(200, nil, `{"members":[{"user_id":"1"}],"invitations":[{"email":"a@example.com"}],"domains":["a"],"mappings":[{"name":"a"}],"next_page":`+next+`}`), nil
	})
	for list, read := range listCalls(client, testOrganization) {
		calls = 0
		if names, err := read(t.Context()); err == nil || names != nil || calls > mostPages+1 {
			t.Errorf("%s: %d of them, %v after %d calls", list, len(names), err, calls)
		}
	}
}

// If there is no domain or no role mapping, the list may be missing. There is always a
// member, and there may be invitations, so these lists must not be missing.
func TestListsThatAreMissing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"members":null,"invitations":null,"domains":null,"mappings":null}`, `{"next_page":null}`} {
		client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) { return answer(200, nil, body), nil })
		for list, read := range listCalls(client, testOrganization) {
			names, err := read(t.Context())
			if mayBeMissing := list == "domains" || list == "role_mappings"; len(names) > 0 || (err == nil) != mayBeMissing {
				t.Errorf("%s in %s: %v, %v", list, body, names, err)
			}
		}
	}
}
