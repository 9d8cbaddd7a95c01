// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"regexp"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// organizations tells apart what a plan does in one organization and in another.
// Which organization a resource is in, its values do not say, but the
// configuration of its provider is one for each.
type organizations struct {
	several  bool
	provider map[string]string // of each resource, by its address without indexes
}

func organizationsOf(config *tfjson.Config) organizations {
	o := organizations{provider: map[string]string{}}
	if config == nil {
		return o
	}
	keys := map[string]bool{}
	for key, provider := range config.ProviderConfigs {
		if provider != nil && strings.HasSuffix(provider.FullName, "/elasticcloud") {
			keys[key] = true
		}
	}
	o.add(config.RootModule, "")
	for _, key := range o.provider {
		keys[key] = true
	}
	o.several = len(keys) > 1
	return o
}

// add goes through a module and those that it calls.
func (o organizations) add(module *tfjson.ConfigModule, path string) {
	if module == nil {
		return
	}
	for _, r := range module.Resources {
		if strings.HasPrefix(r.Type, "elasticcloud_") {
			o.provider[path+r.Address] = r.ProviderConfigKey
		}
	}
	for name, call := range module.ModuleCalls {
		o.add(call.Module, path+"module."+name+".")
	}
}

var indexes = regexp.MustCompile(`\[(?:\d+|"(?:[^"\\]|\\.)*")\]`)

// knows tells whether the plan's data has the organization of a resource. It does
// not have that of one whose block is gone from the configuration.
func (o organizations) knows(address string) bool {
	return !o.several || o.provider[indexes.ReplaceAllString(address, "")] != ""
}

// in begins a line about a resource: empty where there is one organization. Where
// it is not known, nothing but the resource itself is sure to be in the same.
func (o organizations) in(address string) string {
	bare := indexes.ReplaceAllString(address, "")
	switch {
	case !o.several:
		return ""
	case o.knows(address):
		return "In " + code(o.provider[bare]) + ": "
	}
	return "By " + code(bare) + ": "
}
