// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"fmt"
	"strings"
)

// deposedMark is between the address of an object and the key of one that it has
// replaced.
const deposedMark = " (deposed object "

// Deposed is the address that an object has in Terraform.State when its replacement
// was made and it was not destroyed. n counts those of one address, from 0.
func Deposed(address string, n int) string { return fmt.Sprintf("%s%s%08x)", address, deposedMark, n) }

// unusedDeposed is the first such address that a state does not have.
func unusedDeposed(state map[string]Object, address string) string {
	for n := 0; ; n++ {
		deposed := Deposed(address, n)
		if _, used := state[deposed]; !used {
			return deposed
		}
	}
}

// cutDeposed is an address without the key of a deposed object, which is empty for
// one that is not deposed.
func cutDeposed(address string) (instance, key string) {
	instance, key, _ = strings.Cut(address, deposedMark)
	return instance, strings.TrimSuffix(key, ")")
}

// resourceOf is the address of a resource, without the key of one instance.
func resourceOf(address string) string {
	instance, _ := cutDeposed(address)
	resource, _, _ := strings.Cut(instance, "[")
	return resource
}

// nameIn is the name of a resource in its address.
func nameIn(address string) string {
	_, name, _ := strings.Cut(resourceOf(address), ".")
	return name
}
