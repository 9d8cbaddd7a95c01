// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

//go:build !race

package provider

// raced is explained in race_test.go.
const raced = false
