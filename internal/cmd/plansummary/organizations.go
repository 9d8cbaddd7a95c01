// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// organizations tells apart what a plan does in one organization and in another.
// The values of a resource do not name its organization, but each organization has a
// provider configuration.
type organizations struct {
	several  bool
	each     []string          // provider configurations with several instances, which nobody can tell apart
	provider map[string]string // the provider configuration of each block, by its address
}

func organizationsOf(config *tfjson.Config) organizations {
	o := organizations{provider: map[string]string{}}
	if config == nil {
		return o
	}
	keys := map[string]bool{}
	for key, provider := range config.ProviderConfigs {
		if provider != nil && strings.HasSuffix(provider.FullName, providerName) {
			keys[key] = true
			if dependsOnEach(provider.Expressions) {
				o.each = append(o.each, key)
			}
		}
	}
	slices.Sort(o.each)
	o.add(config.RootModule, "")
	for _, key := range o.provider {
		keys[key] = true
	}
	o.several = len(keys) > 1
	return o
}

// add looks into a module and the modules that it calls.
func (o organizations) add(module *tfjson.ConfigModule, path string) {
	if module == nil {
		return
	}
	for _, r := range module.Resources {
		if strings.HasPrefix(r.Type, typePrefix) {
			o.provider[path+r.Address] = r.ProviderConfigKey
		}
	}
	for name, call := range module.ModuleCalls {
		o.add(call.Module, path+"module."+name+".")
	}
}

// isOrphan reports whether a resource of this provider is no longer in the configuration.
func (o organizations) isOrphan(address string) bool {
	return isOurs(address) && o.provider[withoutIndexes(address)] == ""
}

// haveOrphans reports whether the plan has such resources.
func (o organizations) haveOrphans(plan *tfjson.Plan) bool {
	return slices.ContainsFunc(plan.ResourceChanges, func(rc *tfjson.ResourceChange) bool {
		return rc.Mode == tfjson.ManagedResourceMode && o.isOrphan(rc.Address)
	})
}

// knows reports whether the plan's data has the organization of a resource. It does not
// have that of a block that is no longer in the configuration.
func (o organizations) knows(address string) bool {
	return !o.several || o.provider[withoutIndexes(address)] != ""
}

// in begins a line about a resource. It is empty if there is one organization only. If
// the organization is not known, the line begins with the address of the resource.
func (o organizations) in(address string) string {
	bare := withoutIndexes(address)
	switch {
	case !o.several:
		return ""
	case o.knows(address):
		return "In " + code(o.provider[bare]) + ": "
	}
	return "For " + code(bare) + " (organization not known): "
}

// dependsOnEach reports whether an expression of a provider block refers to each, so that
// the block has for_each.
func dependsOnEach(expressions map[string]*tfjson.Expression) bool {
	for _, e := range expressions {
		if e == nil || e.ExpressionData == nil {
			continue
		}
		if slices.ContainsFunc(e.References, func(r string) bool { return r == "each" || strings.HasPrefix(r, "each.") }) {
			return true
		}
	}
	return false
}
