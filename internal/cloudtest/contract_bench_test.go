// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"io"
	"net/http"
	"testing"
)

// BenchmarkContract shows the cost of checking a request and its reply against the
// contract.
func BenchmarkContract(b *testing.B) {
	for _, people := range []int{5, 100} {
		for name, options := range map[string][]Option{"checked": nil, "unchecked": {Unchecked()}} {
			b.Run(fmt.Sprintf("%d people, %s", people, name), func(b *testing.B) {
				s := New(b, options...)
				for i := range people {
					s.AddMember(fmt.Sprintf("p%d@example.com", i), "deployment-viewer:a", "deployment-editor:*", "elasticsearch-viewer:*+analyst", "billing-admin")
				}
				b.ReportAllocs()
				for b.Loop() {
					req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.URL+"/api/v1/organizations/"+s.OrganizationID+"/members", nil)
					if err != nil {
						b.Fatal(err)
					}
					req.Header.Set("Authorization", "ApiKey "+s.Key)
					resp, err := http.DefaultClient.Do(req)
					if err != nil {
						b.Fatal(err)
					}
					if _, err := io.Copy(io.Discard, resp.Body); err != nil {
						b.Fatal(err)
					}
					_ = resp.Body.Close()
				}
			})
		}
	}
}
