// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"net/http"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// logCall is the only place where calls of the API are logged. A cloud.Call
// holds no secret: neither headers, nor bodies, nor the path, which carries
// the tokens of invitations.
func logCall(ctx context.Context, call cloud.Call) {
	fields := map[string]any{
		"call":        call.Name,
		"status":      call.Status,
		"bytes":       call.Bytes,
		"duration_ms": call.Duration.Milliseconds(),
	}
	if call.Err != nil {
		fields["error"] = call.Err.Error()
	}
	if call.Err != nil || call.Status >= http.StatusBadRequest {
		tflog.Warn(ctx, "Elastic Cloud API call failed", fields)
		return
	}
	tflog.Debug(ctx, "Elastic Cloud API call", fields)
}
