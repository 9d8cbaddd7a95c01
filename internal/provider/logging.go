// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"net/http"
	"os"

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

// QuietFramework turns off the log of the framework and of the protocol, unless the user
// asked for a log. The framework writes a line for each value that it visits, even if
// nobody reads it, and each line takes longer than the one before. With ten thousand people
// that took nine tenths of the time of a plan.
func QuietFramework() error {
	levels := []string{"TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"}
	for _, name := range append([]string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_SDK"}, levels...) {
		if os.Getenv(name) != "" {
			return nil
		}
	}
	return errors.Join(os.Setenv(levels[0], "OFF"), os.Setenv(levels[1], "OFF"))
}
