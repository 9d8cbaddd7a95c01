// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// roleObject is a role as an object with fields, for configurations that do not write
// grants as strings. Nil application roles mean that there is no list, which is different
// from an empty list.
type roleObject struct {
	role             string
	all              bool
	ids              []string
	applicationRoles []string
}

// grants returns the grants of the role, one for each ID. It returns an error for a role
// that cannot be written as a grant.
func (o roleObject) grants() ([]string, error) {
	ids := o.ids
	switch {
	case o.role == "":
		return nil, fmt.Errorf("role is missing")
	case o.all && len(ids) > 0:
		return nil, fmt.Errorf("%s has both all_resources and resource_ids. Set one of them", o.role)
	case slices.Contains(ids, cloud.AllResources):
		return nil, fmt.Errorf("%q in resource_ids of %s is not an ID. For all resources, including later ones, set all_resources = true", cloud.AllResources, o.role)
	case slices.Contains(ids, ""):
		return nil, fmt.Errorf("resource_ids of %s contains an empty ID or null", o.role)
	case slices.Contains(o.applicationRoles, ""):
		return nil, fmt.Errorf("application_roles of %s contains an empty role or null", o.role)
	case o.all:
		ids = []string{cloud.AllResources}
	case len(ids) == 0:
		ids = []string{""}
	}
	grants := make([]string, len(ids))
	for i, id := range ids {
		g := cloud.NewGrant(o.role, id, o.applicationRoles)
		parsed, err := cloud.ParseGrant(g.String())
		if err != nil {
			return nil, err
		}
		if parsed != g {
			return nil, fmt.Errorf("%q does not consist of a role ID and a resource ID", g.String())
		}
		grants[i] = g.String()
	}
	return grants, nil
}
