// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A proxy may take %2E for a dot and a dot for nothing: DELETE role_mappings/.
// is then DELETE role_mappings, which deletes them all.
func TestDots(t *testing.T) {
	t.Parallel()
	service := &recorder{}
	c := hostileClient(t, service.ServeHTTP)
	for _, value := range []string{".", ".."} {
		for name, err := range map[string]error{
			"mapping": c.DeleteRoleMapping(t.Context(), testOrganization, value),
			"update":  c.UpdateRoleMapping(t.Context(), testOrganization, value, RoleMapping{Name: value}),
			"member":  c.DeleteMembers(t.Context(), testOrganization, value),
			"roles":   c.RemoveRoleAssignments(t.Context(), value, RoleAssignments{}),
		} {
			if requests, _, _ := service.take(); len(requests) > 0 || err == nil {
				t.Errorf("%s %q: %v, %v", name, value, requests, err)
			}
		}
	}
}

// Each token is replaced in what the one before it left, in three forms that
// are mostly the same: a few short tokens make an error of gigabytes.
func TestShortTokens(t *testing.T) {
	t.Parallel()
	members := `{"errors":[{"code":"c","message":"secret"}]}`
	c := hostileClient(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/invitations") {
			_, _ = w.Write([]byte(`{"invitations":[{"token":"s"},{"token":"e"},{"token":"c"}]}`))
			return
		}
		w.WriteHeader(403)
		_, _ = w.Write([]byte(members))
	})
	if _, err := c.ListInvitations(t.Context(), testOrganization); err != nil {
		t.Fatal(err)
	}
	_, err := c.ListMembers(t.Context(), testOrganization)
	if err == nil || len(err.Error()) > 1000 {
		t.Fatalf("the error is %v", err)
	}
}

// The service may repeat the key in a code or in the request ID, too.
func TestKeyInCode(t *testing.T) {
	t.Parallel()
	c := hostileClient(t, always(403, http.Header{"X-Request-Id": {hostileKey}, "X-Cloud-Error-Codes": {url.PathEscape(hostileKey)}}, ""))
	err := c.DeleteIdP(t.Context(), testOrganization)
	if strings.Contains(err.Error(), hostileKey) || strings.Contains(err.Error(), url.PathEscape(hostileKey)) {
		t.Fatal(err)
	}
}

// A reply whose list has an entry that cannot be a person is not trusted.
func TestEntriesThatAreNobody(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"{}", "null", `{"name":"x"}`} {
		c := hostileClient(t, always(200, nil, fmt.Sprintf(`{"members":[%[1]s],"invitations":[%[1]s]}`, entry)))
		if _, err := c.ListMembers(t.Context(), testOrganization); err == nil {
			t.Errorf("%s is a member", entry)
		}
		if _, err := c.ListInvitations(t.Context(), testOrganization); err == nil {
			t.Errorf("%s is an invitation", entry)
		}
	}
}

// 32 MB of empty members are ten million of them: it ends with the first.
func TestMillionsOfMembers(t *testing.T) {
	t.Parallel()
	c := hostileClient(t, always(200, nil, `{"members":[{}`+strings.Repeat(",{}", 10<<20)+`]}`))
	members, err := c.ListMembers(t.Context(), testOrganization)
	if err == nil || len(members) > 0 {
		t.Fatalf("%d members, %v", len(members), err)
	}
}

// Go takes "HTTP/1.1 068 x" and "101" for replies, and below 300 counts as success.
func TestStatusBelow200(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 68, 101} {
		c := fuzzClient(t, func(*http.Request) (*http.Response, error) { return answer(status, nil, ""), nil })
		if err := c.DeleteMembers(t.Context(), testOrganization, "1"); err == nil {
			t.Errorf("%d is taken for success", status)
		}
	}
}
