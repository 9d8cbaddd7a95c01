// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// alone makes a change of the domains or the role mappings while no other one of
// this run is under way, as the service takes one at a time. It makes it again
// where it met a change of somebody else, which the service says by
// cloud.CodeDomainsChanging, or where change says so.
func (o *Organization) alone(ctx context.Context, change func(ctx context.Context, organizationID string) (again bool, err error)) error {
	id, err := o.ID(ctx)
	if err != nil {
		return err
	}
	unlock, err := o.locks.lock(ctx, changesLock)
	if err != nil {
		return err
	}
	defer unlock()
	for try := 0; ; try++ {
		again, err := change(ctx, id)
		if !again && !cloud.HasCode(err, cloud.CodeDomainsChanging) || try == o.client.MaxRetries() {
			return err
		}
		if o.client.Pause(ctx, try) != nil {
			return err
		}
	}
}
