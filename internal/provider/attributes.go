// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Attributes that several resources have, and what is said of them.

var (
	certificatesPath = path.Root("certificates")
	domainPath       = path.Root("domain")
	enabledPath      = path.Root("enabled")
	emailPath        = path.Root("email")
	emailsPath       = path.Root("emails")
	maxRemovalsPath  = path.Root("max_removals")
	namePath         = path.Root("name")
	namesPath        = path.Root("names")
	prefixPath       = path.Root("login_identifier_prefix")
	rolePath         = path.Root("role")
	rolesPath        = path.Root("roles")
)

// The values of status.
const (
	statusInvited  = "invited"
	statusExpired  = "expired"
	statusActive   = "active"
	statusAssigned = "assigned"
	statusPending  = "pending"
)

// organizationIDAttribute is the ID of what an organization has one of.
var organizationIDAttribute = schema.StringAttribute{
	MarkdownDescription: "ID of the organization.",
	Computed:            true,
	PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
}

// allowLastOwnerDescription is the same wherever the guard can be lifted.
const allowLastOwnerDescription = "Lets the last active member who holds `organization-admin` go. Without it such a change is refused, since nobody could manage the organization any more; " +
	"open invitations do not count. To destroy with it, apply it first. `-replace` removes nobody. Default: `false`."

const defaultMaxRemovals = 5

// maxRemovalsAttribute is the bound on what goes in one apply: people, or role
// mappings.
func maxRemovalsAttribute(what string) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: fmt.Sprintf("The most %s that one apply may remove. With more the plan warns, and apply is refused before anything is changed. Default: `%d`.", what, defaultMaxRemovals),
		Optional:            true,
		Computed:            true,
		Default:             int64default.StaticInt64(defaultMaxRemovals),
		Validators:          []validator.Int64{int64validator.AtLeast(0)},
	}
}

// maxPeopleRemovals is maxRemovalsAttribute for people.
func maxPeopleRemovals() schema.Int64Attribute {
	attribute := maxRemovalsAttribute("people")
	attribute.MarkdownDescription += " Invitations that have expired do not count, as nobody has access by them."
	return attribute
}

// ownKeyOnly is the same wherever what people hold is listed.
const ownKeyOnly = "A key with the role Organization owner sees everybody. With another role, the service shows only what is within the key's own scope: where no owner is visible, a warning says so."
