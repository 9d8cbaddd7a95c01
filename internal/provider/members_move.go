// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

const ecOrganizationType = "ec_organization"

// importInstead is the remedy for an ec_organization that cannot be moved.
const importInstead = `import elasticcloud_members instead, as the guide "Coming from ec_organization" shows.`

// MoveState implements resource.ResourceWithMoveState.
func (r *membersResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveECOrganization}}
}

// moveECOrganization converts a state of ec_organization to one of elasticcloud_members.
// It makes no request, because Terraform moves a state before it configures the provider.
// The refresh right afterwards reads the organization. So it needs only the people and
// roles of the state, and skips other attributes. It reads the raw state: a schema would
// be that of one version of Elastic's provider.
func moveECOrganization(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != ecOrganizationType || !isElasticsProvider(req.SourceProviderAddress) {
		return // the guard adds the error
	}
	const summary = "Could not move ec_organization to elasticcloud_members"
	var source ecOrganizationState
	if err := json.Unmarshal(req.SourceRawState.JSON, &source); err != nil {
		resp.Diagnostics.AddError(summary, fmt.Sprintf("The state of ec_organization cannot be read: %s. Nothing was changed. Update Elastic's provider and apply with it first, or %s", err, importInstead))
		return
	}
	state, problems := source.convert()
	if len(problems) > 0 {
		resp.Diagnostics.AddError(summary, withLines("Some roles in the state of ec_organization cannot be written as grants. Nothing was changed. "+
			"Correct these roles in ec_organization and apply that first, or "+importInstead, problems))
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, state)...)
	if state.ID.IsNull() {
		resp.TargetIdentity = nil
	}
	if resp.TargetIdentity != nil {
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, organizationIdentity{OrganizationID: state.ID})...)
	}
}

// isElasticsProvider reports whether an address is that of Elastic's provider, from any
// registry. OpenTofu before 1.11.12 and 1.12.4 passes only the last part.
func isElasticsProvider(address string) bool {
	return address == "ec" || address == "elastic/ec" || strings.HasSuffix(address, "/elastic/ec")
}

// ecOrganizationState has the needed parts of the state of an ec_organization. Each member
// has attributes by name.
type ecOrganizationState struct {
	ID      string                                `json:"id"`
	Members map[string]map[string]json.RawMessage `json:"members"`
}

// convert returns the state of elasticcloud_members with the same people and roles, and a
// line for each role that cannot be written as a grant.
func (s ecOrganizationState) convert() (state membersModel, problems []string) {
	members := make(map[string]attr.Value, len(s.Members))
	var pending []string
	for _, email := range slices.Sorted(maps.Keys(s.Members)) {
		attributes := s.Members[email]
		grants := map[string]bool{}
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			given, errs := ecGrants(name, attributes[name])
			for _, grant := range given {
				grants[grant] = true
			}
			for _, err := range errs {
				problems = append(problems, cloud.Printable(fmt.Sprintf("- %s, %s: %s", email, name, err)))
			}
		}
		members[email] = grantSetOf(slices.Sorted(maps.Keys(grants)))
		if string(attributes["invitation_pending"]) == "true" {
			pending = append(pending, cloud.Fold(email))
		}
	}
	return membersModel{
		ID:          textOrNull(s.ID),
		Members:     newMembers(members),
		MaxRemovals: types.Int64Value(defaultMaxRemovals),
		Pending:     sortedList(pending),
	}, problems
}

func grantSetOf(grants []string) types.Set {
	elements := make([]attr.Value, len(grants))
	for i, grant := range grants {
		elements[i] = types.StringValue(grant)
	}
	return types.SetValueMust(types.StringType, elements)
}

// ecGrants returns the grants in one attribute of a member. An attribute without roles has
// none. The errors name the roles that cannot be written as grants.
func ecGrants(attribute string, value json.RawMessage) (grants []string, errs []error) {
	roles, err := ecRoles(attribute, value)
	if err != nil {
		return nil, []error{err}
	}
	for _, role := range roles {
		given, err := role.grants()
		if err != nil {
			errs = append(errs, err)
		}
		grants = append(grants, given...)
	}
	return grants, errs
}

// ecRole is a role as ec_organization has it, on deployments or on projects.
type ecRole struct {
	Role             string   `json:"role"`
	AllDeployments   bool     `json:"all_deployments"`
	DeploymentIDs    []string `json:"deployment_ids"`
	AllProjects      bool     `json:"all_projects"`
	ProjectIDs       []string `json:"project_ids"`
	ApplicationRoles []string `json:"application_roles"`
}

// ecRoles reads one attribute of a member. The name of an attribute has the kind of
// resources, such as deployment_roles and project_security_roles. It is the prefix of the
// role IDs, so kinds of later versions need no code here.
func ecRoles(attribute string, value json.RawMessage) ([]roleObject, error) {
	if attribute == "organization_role" {
		var role *string
		if err := json.Unmarshal(value, &role); err != nil || role == nil {
			return nil, err
		}
		return []roleObject{{role: *role}}, nil
	}
	kind, hasRoles := strings.CutSuffix(strings.TrimPrefix(attribute, "project_"), "_roles")
	if !hasRoles {
		return nil, nil
	}
	var held []ecRole
	if err := json.Unmarshal(value, &held); err != nil {
		return nil, err
	}
	roles := make([]roleObject, len(held))
	for i, r := range held {
		roles[i] = roleObject{
			role:             kind + "-" + r.Role,
			all:              r.AllDeployments || r.AllProjects,
			ids:              slices.Concat(r.DeploymentIDs, r.ProjectIDs),
			applicationRoles: r.ApplicationRoles,
		}
		if (cloud.Grant{Role: roles[i].role}).Kind() == "" { // otherwise it would be a role on the organization
			return nil, fmt.Errorf("the role %q is for a kind of resource that this version of the provider does not know", r.Role)
		}
	}
	return roles, nil
}
