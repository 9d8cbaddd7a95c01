// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

//go:build race

package provider

// raced tells that the race detector is on. A test takes ten times as long with it, so
// what is played many times is played a tenth as often; internal/tools/test.sh plays
// all of it once more, without.
const raced = true
