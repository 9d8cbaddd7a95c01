// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package examples holds the example configurations, so that what the
// documentation shows is what the demo and the tests run.
package examples

import "embed"

// Files are all examples, by their path in this folder.
//
//go:embed *
var Files embed.FS
