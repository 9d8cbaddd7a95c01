// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// limited is a run's view with limits.
func limited(t *testing.T, srv *cloudtest.Server, limits Limits) *People {
	t.Helper()
	o := newOrganization(t, config(srv))
	o.config.Limits = limits
	return o.People
}

// Of many who go at the same time, as many go as may; a removal that is refused for
// another reason takes no place, and who is tried twice counts once.
func TestMaxRemovals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("owner@example.com", "organization-admin")
		names := []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com"}
		for _, email := range names {
			srv.AddMember(email)
		}
		most := 2
		d := limited(t, srv, Limits{MaxRemovals: &most})
		var last *LastOwnerError
		if err := d.Dismiss(t.Context(), "owner@example.com", false); !errors.As(err, &last) {
			t.Errorf("the last owner: %v", err)
		}
		var mu sync.Mutex
		refused := 0
		var group sync.WaitGroup
		for _, email := range append(names, names...) {
			group.Go(func() {
				var tooMany *TooManyRemovalsError
				if err := d.Dismiss(t.Context(), email, false); errors.As(err, &tooMany) {
					mu.Lock()
					defer mu.Unlock()
					refused++
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if left := len(srv.Emails()); left != 3 || refused != 4 {
			t.Errorf("left are %q, refused were %d", srv.Emails(), refused)
		}
	})
}
