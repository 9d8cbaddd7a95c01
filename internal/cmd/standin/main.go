// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command standin plays gh and jq for the tests that run the examples for CI.
package main

import "github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/standin"

func main() { standin.Main() }
