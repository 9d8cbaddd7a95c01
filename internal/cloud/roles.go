// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import "slices"

// Role is a role that is published. The service has more from time to time.
type Role struct {
	// ID is the API's role ID, such as deployment-editor.
	ID string
	// Kind is what the role is given on, as Grant.Kind: empty for the organization.
	Kind string
	// Name is what the console calls it, where that is known.
	Name string
}

// Roles lists the roles that are published: those on the organization, and then
// those on each kind of resources.
func Roles() []Role {
	roles := []Role{{ID: RoleOrganizationAdmin, Name: "Organization owner"}, {ID: RoleBillingAdmin, Name: "Billing admin"}}
	for _, kind := range kinds {
		for _, r := range rolesOn[kind] {
			roles = append(roles, Role{ID: kind + "-" + r.id, Kind: kind, Name: r.name})
		}
	}
	return roles
}

// KnownRoles lists the roles that are published for the kind of a role.
func KnownRoles(role string) []Role {
	kind := Grant{Role: role}.Kind()
	return slices.DeleteFunc(Roles(), func(r Role) bool { return r.Kind != kind })
}

// onKind is a role on one kind of resources: its ID without the kind, and its name.
type onKind struct{ id, name string }

// rolesOn has no roles of the project types whose roles are not published.
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
	kindConnected: {{"admin", ""}}, // there is a viewer, too, whose ID is not published
}
