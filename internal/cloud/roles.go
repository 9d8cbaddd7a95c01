// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import "slices"

// Role is a documented role. The service may have more.
type Role struct {
	// ID is the API's role ID, such as deployment-editor.
	ID string
	// Kind is the kind of resource that the role is for, as in Grant.Kind: empty for
	// the organization.
	Kind string
	// Name is the role's name in the console, if it is known.
	Name string
}

// Roles lists the documented roles: first those on the organization, then those on each
// kind of resource.
func Roles() []Role {
	roles := []Role{{ID: RoleOrganizationAdmin, Name: "Organization owner"}, {ID: RoleBillingAdmin, Name: "Billing admin"}}
	for _, kind := range kinds {
		for _, r := range rolesOn[kind] {
			roles = append(roles, Role{ID: kind + "-" + r.id, Kind: kind, Name: r.name})
		}
	}
	return roles
}

// KnownRoles lists the documented roles of the same kind as a role.
func KnownRoles(role string) []Role {
	kind := Grant{Role: role}.Kind()
	return slices.DeleteFunc(Roles(), func(r Role) bool { return r.Kind != kind })
}

// onKind is a role on one kind of resource: its ID without the kind, and its name.
type onKind struct{ id, name string }

// rolesOn omits project types whose roles are not documented.
var rolesOn = map[string][]onKind{
	kindDeployment:  {{"admin", "Admin"}, {"editor", "Editor"}, {"viewer", "Viewer"}},
	"elasticsearch": {{"admin", "Admin"}, {"developer", "Developer"}, {"viewer", "Viewer"}},
	"observability": {{"admin", "Admin"}, {"editor", "Editor"}, {"viewer", "Viewer"}},
	"security": {
		{"admin", "Admin"}, {"editor", "Editor"}, {"viewer", "Viewer"},
		{"t1-analyst", "Tier 1 analyst"}, {"t2-analyst", "Tier 2 analyst"}, {"t3-analyst", "Tier 3 analyst"},
		{"threat-intel-analyst", "Threat intelligence analyst"}, {"rule-author", "Rule author"}, {"soc-manager", "SOC manager"},
		{"endpoint-operations-analyst", "Endpoint operations analyst"}, {"platform-engineer", "Platform engineer"},
		{"detections-admin", "Detections admin"}, {"endpoint-policy-manager", "Endpoint policy manager"},
	},
	kindConnected: {{"admin", ""}}, // a viewer role exists, too, but its ID is not documented
}
