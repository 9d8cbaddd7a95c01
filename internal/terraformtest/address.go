// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"fmt"
	"strings"
)

// deposedMark is between an object's address and the key of the deposed object.
const deposedMark = " (deposed object "

// Deposed returns the address in Terraform.State of an object that was replaced, but
// not destroyed yet. n counts the deposed objects of one address, from 0.
func Deposed(address string, n int) string { return fmt.Sprintf("%s%s%08x)", address, deposedMark, n) }

// unusedDeposed returns the first such address that a state does not have.
func unusedDeposed(state map[string]Object, address string) string {
	for n := 0; ; n++ {
		deposed := Deposed(address, n)
		if _, used := state[deposed]; !used {
			return deposed
		}
	}
}

// cutDeposed splits an address into that of the instance and the key of the deposed
// object. The key is empty if the object is not deposed.
func cutDeposed(address string) (instance, key string) {
	instance, key, _ = strings.Cut(address, deposedMark)
	return instance, strings.TrimSuffix(key, ")")
}

// resourceOf returns the address of a resource, without the key of one instance.
func resourceOf(address string) string {
	instance, _ := cutDeposed(address)
	resource, _, _ := strings.Cut(instance, "[")
	return resource
}

// nameIn returns the name of a resource in its address.
func nameIn(address string) string {
	_, name, _ := strings.Cut(resourceOf(address), ".")
	return name
}
