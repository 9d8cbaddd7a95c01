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

// Attributes and descriptions that several resources share.

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

// organizationIDAttribute is the ID of a resource that an organization has only once.
var organizationIDAttribute = schema.StringAttribute{
	MarkdownDescription: "ID of the organization.",
	Computed:            true,
	PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
}

// allowLastOwnerDescription describes allow_last_owner_removal in each resource that has it.
const allowLastOwnerDescription = "Allows removing or demoting the last owner: the last active member with `organization-admin`. " +
	"Otherwise apply refuses that, because nobody could manage the organization afterwards. Pending invitations do not count as owners. " +
	"Default: `false`."

const defaultMaxRemovals = 5

// maxRemovalsAttribute limits how many people or role mappings one apply removes.
func maxRemovalsAttribute(what string) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: fmt.Sprintf("The most %s that one apply may remove. If a plan removes more, it warns, and apply fails before it changes anything. Default: `%d`.", what, defaultMaxRemovals),
		Optional:            true,
		Computed:            true,
		Default:             int64default.StaticInt64(defaultMaxRemovals),
		Validators:          []validator.Int64{int64validator.AtLeast(0)},
	}
}

// maxPeopleRemovals is maxRemovalsAttribute for people.
func maxPeopleRemovals() schema.Int64Attribute {
	attribute := maxRemovalsAttribute("people")
	attribute.MarkdownDescription += " Expired invitations do not count, because they give no access."
	return attribute
}

// ownKeyOnly describes what an API key sees, for everything that lists people's access.
const ownKeyOnly = "An API key with the role Organization owner sees everyone. With another role, Elastic Cloud shows only what is in the scope of the key. If the key sees no owner, a warning appears."
