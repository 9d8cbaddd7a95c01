// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import "strings"

// resourceOf is the address of a resource, without the key of one instance.
func resourceOf(address string) string {
	resource, _, _ := strings.Cut(address, "[")
	return resource
}

// nameIn is the name of a resource in its address.
func nameIn(address string) string {
	_, name, _ := strings.Cut(resourceOf(address), ".")
	return name
}
