// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkDirectory reads an organization of ten thousand people and looks
// each of them up.
func BenchmarkDirectory(b *testing.B) {
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
		d := newClientOf(b, Config{}, func(r *http.Request) (*http.Response, error) {
			return answer(200, nil, replies[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]), nil
		}).Directory()
		for i := range 10000 {
			if p, err := d.Person(b.Context(), number(i)); err != nil || !p.Exists() {
				b.Fatal(err)
			}
		}
	}
	b.SetBytes(int64(len(replies["members"]) + len(replies["invitations"])))
}
