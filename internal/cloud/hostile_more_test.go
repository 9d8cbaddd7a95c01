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

// Two members with one address: the first is overwritten in the view, and once
// the second is gone a look-up of the first one's ID panics.
func TestTwoMembersWithOneAddress(t *testing.T) {
	t.Parallel()
	service := &listing{
		members:     `{"members":[` + ownerEntry + `,{"user_id":"1","email":"alice@example.com"},{"user_id":"2","email":"ALICE@example.com"}]}`,
		invitations: `{"invitations":[]}`,
	}
	d := hostileClient(t, service.ServeHTTP).Directory()
	if err := d.Dismiss(t.Context(), "alice@example.com", false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Member(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
}

// The Kelvin sign is another letter than k; folding it lets one person take
// another one's place.
func TestKelvin(t *testing.T) {
	t.Parallel()
	service := &listing{
		members:     `{"members":[` + ownerEntry + `,{"user_id":"1","email":"kate@example.com"},{"user_id":"2","email":"\u212aate@example.com"}]}`,
		invitations: `{"invitations":[]}`,
	}
	d := hostileClient(t, service.ServeHTTP).Directory()
	if p, err := d.Person(t.Context(), "kate@example.com"); err != nil || p.Member == nil || p.Member.UserID != "1" {
		t.Fatalf("%+v, %v", p.Member, err)
	}
}

// A member without an address is listed by user ID, and must be removed by it.
func TestMemberWithoutAddressIsRemoved(t *testing.T) {
	t.Parallel()
	service := &listing{members: `{"members":[` + ownerEntry + `,{"user_id":"Ab1"}]}`, invitations: `{"invitations":[]}`}
	d := hostileClient(t, service.ServeHTTP).Directory()
	if err := d.Dismiss(t.Context(), "Ab1", false); err != nil {
		t.Fatal(err)
	}
	if writes := service.take(); len(writes) != 1 {
		t.Fatalf("nobody was removed: %v", writes)
	}
}

// A proxy may take %2E for a dot and a dot for nothing: DELETE role_mappings/.
// is then DELETE role_mappings, which deletes them all.
func TestDots(t *testing.T) {
	t.Parallel()
	service := &recorder{}
	client := hostileClient(t, service.ServeHTTP)
	for _, value := range []string{".", ".."} {
		for name, err := range map[string]error{
			"mapping": client.DeleteRoleMapping(t.Context(), value),
			"update":  client.UpdateRoleMapping(t.Context(), value, RoleMapping{Name: value}),
			"member":  client.DeleteMembers(t.Context(), value),
			"roles":   client.RemoveRoleAssignments(t.Context(), value, RoleAssignments{}),
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
	client := hostileClient(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/invitations") {
			_, _ = w.Write([]byte(`{"invitations":[{"token":"s"},{"token":"e"},{"token":"c"}]}`))
			return
		}
		w.WriteHeader(403)
		_, _ = w.Write([]byte(members))
	})
	if _, err := client.Invitations(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := client.Members(t.Context())
	if err == nil || len(err.Error()) > 1000 {
		t.Fatalf("the error is %v", err)
	}
}

// The service may repeat the key in a code or in the request ID, too.
func TestKeyInCode(t *testing.T) {
	t.Parallel()
	client := hostileClient(t, always(403, http.Header{"X-Request-Id": {hostileKey}, "X-Cloud-Error-Codes": {url.PathEscape(hostileKey)}}, ""))
	err := client.DeleteIdP(t.Context())
	if strings.Contains(err.Error(), hostileKey) || strings.Contains(err.Error(), url.PathEscape(hostileKey)) {
		t.Fatal(err)
	}
}

// What is nobody is no entry of a list, but a reply that is not to be trusted.
func TestEntriesThatAreNobody(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"{}", "null", `{"name":"x"}`} {
		client := hostileClient(t, always(200, nil, fmt.Sprintf(`{"members":[%[1]s],"invitations":[%[1]s]}`, entry)))
		if _, err := client.Members(t.Context()); err == nil {
			t.Errorf("%s is a member", entry)
		}
		if _, err := client.Invitations(t.Context()); err == nil {
			t.Errorf("%s is an invitation", entry)
		}
	}
}

// 32 MB of empty members are ten million of them: it ends with the first.
func TestMillionsOfMembers(t *testing.T) {
	t.Parallel()
	client := hostileClient(t, always(200, nil, `{"members":[{}`+strings.Repeat(",{}", 10<<20)+`]}`))
	members, err := client.Members(t.Context())
	if err == nil || len(members) > 0 {
		t.Fatalf("%d members, %v", len(members), err)
	}
}

// Go takes "HTTP/1.1 068 x" and "101" for replies, and below 300 counts as success.
func TestStatusBelow200(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 68, 101} {
		client := fuzzClient(t, func(*http.Request) (*http.Response, error) { return answer(status, nil, ""), nil })
		if err := client.DeleteMembers(t.Context(), "1"); err == nil {
			t.Errorf("%d is taken for success", status)
		}
	}
}
