// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// alone makes a change of the domains or the role mappings. It holds a lock, because
// the service accepts one such change at a time. It repeats the change if the change
// says so, or if the service answers cloud.CodeDomainsChanging: somebody else was
// changing something at the same moment.
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
