// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkPeople reads an organization of ten thousand people and looks
// each of them up.
func BenchmarkPeople(b *testing.B) {
	var members, invitations []string
	for i := range 10000 {
		roles := fmt.Sprintf(`{"organization":[],"deployment":[{"role_id":"deployment-editor","organization_id":"1","deployment_ids":["%032x","%032x"]}],"project":{"elasticsearch":[{"role_id":"elasticsearch-viewer","organization_id":"1","all":true,"application_roles":["analyst"]}]}}`, i, i+1)
		if i%10 == 0 {
			invitations = append(invitations, fmt.Sprintf(`{"token":"%064x","email":%q,"expires_at":"2030-01-01T00:00:00Z","expired":false,"role_assignments":%s}`, i, number(i), roles))
		} else {
			members = append(members, fmt.Sprintf(`{"user_id":"%d","name":"Person","email":%q,"member_since":"2020-01-01T00:00:00Z","role_assignments":%s}`, i, number(i), roles))
		}
	}
	replies := map[string]string{
		"members":     `{"members":[` + strings.Join(members, ",") + `]}`,
		"invitations": `{"invitations":[` + strings.Join(invitations, ",") + `]}`,
	}
	b.ReportAllocs()
	for b.Loop() {
		d := organizationOf(b, func(r *http.Request) string {
			return replies[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]
		}).People
		for i := range 10000 {
			if p, err := d.Find(b.Context(), number(i)); err != nil || !p.Exists() {
				b.Fatal(err)
			}
		}
	}
	b.SetBytes(int64(len(replies["members"]) + len(replies["invitations"])))
}
