// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command standin stands for gh and jq where the tests run the examples for CI.
package main

import "github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/standin"

func main() { standin.Main() }
