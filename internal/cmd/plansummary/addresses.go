// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"regexp"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// providerName ends the address of this provider, after the host of any registry.
const providerName = "/elasticcloud-access/elasticcloud"

// isOurProvider reports whether a resource is of this provider. A plan may leave the name
// out.
func isOurProvider(name string) bool { return name == "" || strings.HasSuffix(name, providerName) }

// typePrefix begins the types of this provider's resources.
const typePrefix = "elasticcloud_"

var indexes = regexp.MustCompile(`\[(?:\d+|"(?:[^"\\]|\\.)*")\]`)

// withoutIndexes is the address of a block in the configuration.
func withoutIndexes(address string) string { return indexes.ReplaceAllString(address, "") }

// isOurs reports whether an address is of a resource, a data source or an action of this
// provider, or of the provider's own block. The types tell; otherProviders looks for
// another provider with the same types.
func isOurs(address string) bool {
	if name, isProvider := strings.CutPrefix(withoutModules(address), `provider["`); isProvider {
		name, _, _ = strings.Cut(name, `"]`)
		return strings.HasSuffix(name, providerName)
	}
	parts := strings.Split(withoutIndexes(withoutModules(address)), ".")
	if slices.Contains([]string{"data", "action", "ephemeral", "list"}, parts[0]) {
		parts = parts[1:]
	}
	return len(parts) > 1 && strings.HasPrefix(parts[0], typePrefix)
}

var modules = regexp.MustCompile(`^(?:module\.[^.\[]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.)+`)

func withoutModules(address string) string { return modules.ReplaceAllString(address, "") }

// otherProviders lists providers that have resources of these types and are not this one.
// What such a resource has says nothing of Elastic Cloud.
func otherProviders(plan *tfjson.Plan) (names []string) {
	note := func(address, provider string) {
		if isOurs(address) && !isOurProvider(provider) && !slices.Contains(names, provider) {
			names = append(names, provider)
		}
	}
	for _, rc := range slices.Concat(plan.ResourceChanges, plan.ResourceDrift) {
		note(rc.Address, rc.ProviderName)
	}
	for _, r := range resourcesBefore(plan) {
		note(r.Address, r.ProviderName)
	}
	slices.Sort(names)
	return names
}

// resourcesBefore are the resources in the state that the plan began with.
func resourcesBefore(plan *tfjson.Plan) []*tfjson.StateResource {
	if plan.PriorState == nil || plan.PriorState.Values == nil {
		return nil
	}
	return resourcesIn(plan.PriorState.Values.RootModule)
}

func resourcesIn(module *tfjson.StateModule) (list []*tfjson.StateResource) {
	if module == nil {
		return nil
	}
	list = append(list, module.Resources...)
	for _, child := range module.ChildModules {
		list = append(list, resourcesIn(child)...)
	}
	return list
}
