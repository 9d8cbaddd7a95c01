// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// roleObject is a role in fields, as configurations have it that do not write grants.
// Nil application roles are no list of them, which is not an empty one.
type roleObject struct {
	role             string
	all              bool
	ids              []string
	applicationRoles []string
}

// grants returns the grants of the role, one for each ID. The error says what cannot be
// written as a grant.
func (o roleObject) grants() ([]string, error) {
	ids := o.ids
	switch {
	case o.role == "":
		return nil, fmt.Errorf("role is missing")
	case o.all && len(ids) > 0:
		return nil, fmt.Errorf("%s has both all_resources and resource_ids; set one of them", o.role)
	case slices.Contains(ids, cloud.AllResources):
		return nil, fmt.Errorf("%q in resource_ids of %s is no ID; for all resources, later ones too, set all_resources = true", cloud.AllResources, o.role)
	case slices.Contains(ids, ""):
		return nil, fmt.Errorf("resource_ids of %s has an empty ID or null in it", o.role)
	case slices.Contains(o.applicationRoles, ""):
		return nil, fmt.Errorf("application_roles of %s has an empty role or null in it", o.role)
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
			return nil, fmt.Errorf("%q is no role ID and resource ID", g.String())
		}
		grants[i] = g.String()
	}
	return grants, nil
}
