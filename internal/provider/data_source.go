// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ownKeyOnly is the same wherever what people hold is listed.
const ownKeyOnly = "A key that may only read is enough. With a key that is no owner's, the service leaves out what is beyond the key's own scope."

// baseDataSource is what all data sources share: the run, and the organization.
type baseDataSource struct {
	baseResource
}

// Configure implements datasource.DataSourceWithConfigure.
func (b *baseDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	b.run = runOf(req.ProviderData, &resp.Diagnostics)
}

// textOrNull is null where the service gave no text.
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
