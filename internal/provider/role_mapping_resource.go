// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var (
	_ resource.ResourceWithConfigure   = (*roleMappingResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*roleMappingResource)(nil)
	_ resource.ResourceWithImportState = (*roleMappingResource)(nil)
	_ resource.ResourceWithIdentity    = (*roleMappingResource)(nil)
)

const roleMappingType = "elasticcloud_role_mapping"

type roleMappingResource struct {
	baseResource
}

func newRoleMappingResource() plainResource {
	return &roleMappingResource{baseResource{typeName: roleMappingType}}
}

type roleMappingModel struct {
	ID types.String `tfsdk:"id"`
	mappingModel
}

// mappingModel is a role mapping as it is configured and reported. Add new fields to
// sameMapping and known too.
type mappingModel struct {
	Name    types.String `tfsdk:"name"`
	Enabled types.Bool   `tfsdk:"enabled"`
	Rule    types.Object `tfsdk:"rule"`
	Roles   types.Set    `tfsdk:"roles"`
}

type ruleModel struct {
	Any []conditionModel `tfsdk:"any"`
	All []conditionModel `tfsdk:"all"`
}

type conditionModel struct {
	Group types.String `tfsdk:"group"`
	Email types.String `tfsdk:"email"`
}

type roleMappingIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	Name           types.String `tfsdk:"name"`
}

var (
	conditionType = types.ObjectType{AttrTypes: map[string]attr.Type{"group": types.StringType, "email": types.StringType}}
	ruleTypes     = map[string]attr.Type{"any": types.SetType{ElemType: conditionType}, "all": types.SetType{ElemType: conditionType}}
)

func (r *roleMappingResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	conditions := func(description string) schema.SetNestedAttribute {
		return schema.SetNestedAttribute{
			MarkdownDescription: description,
			Optional:            true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"group": schema.StringAttribute{
						MarkdownDescription: "Name of a group in the assertion's `groups`. `*` matches zero or more characters. Case matters. Set either `group` or `email`.",
						Optional:            true,
					},
					"email": schema.StringAttribute{
						MarkdownDescription: "E-mail address. `*` matches zero or more characters, as in `*@example.com`. Compared without regard to case. Set either `group` or `email`.",
						Optional:            true,
					},
				},
			},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Grants roles to people who sign in through SSO, if the rule applies to them.\n\n" +
			"Elastic Cloud evaluates the mappings at each sign-in. The roles of all mappings that apply replace the person's roles, including roles that someone granted in the console or with `elasticcloud_member`. " +
			"This also happens at a sign-in whose assertion has no `groups` attribute, which can take away every role that a group grants. " +
			"The plan of a change shows in words who gets and loses which roles at the next sign-in.\n\n" +
			"Before you create the first mapping, the SAML IdP must be configured and enabled. Let the mapping depend on the `elasticcloud_saml_idp`.\n\n" +
			"Creating the resource never overwrites a mapping of the same name. A mapping that equals the configuration is adopted. For a mapping that differs, the error shows the `import` block to adopt it. The plan warns of both.\n\n" +
			"Elastic Cloud requires a mapping that grants `organization-admin` before it accepts others. In one apply, let the others depend on this mapping with `depends_on`. " +
			"Without it, a mapping that Elastic Cloud does not accept yet waits for the owners' mapping in the same run. With more mappings than Terraform's parallelism (10), that wait can time out.\n\n" +
			"While SSO is enforced, the last enabled mapping that grants `organization-admin` can be neither disabled nor destroyed, and must keep `organization-admin`. To rename it, set `create_before_destroy = true` in its `lifecycle` block.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The name of the mapping.",
				Computed:            true,
			},
			"name": schema.StringAttribute{
				Description:         "Name of the mapping, unique in the organization.",
				MarkdownDescription: "Name of the mapping, unique in the organization. The name of a new mapping must not contain a comma. Another name replaces the resource.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"enabled": schema.BoolAttribute{
				Description:         "Whether the mapping applies at a sign-in.",
				MarkdownDescription: "Whether the mapping applies at a sign-in. Default: `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"rule": schema.SingleNestedAttribute{
				MarkdownDescription: "The people to whom the mapping applies. Set either `any` or `all`.",
				Required:            true,
				Validators:          []validator.Object{ruleCheck{}},
				Attributes: map[string]schema.Attribute{
					"any": conditions("Conditions of which at least one must be met, such as `[{ group = \"owners\" }, { email = \"*@example.com\" }]`. At least one condition. Set either `any` or `all`."),
					"all": conditions("Conditions that must all be met. At least one condition. Set either `any` or `all`."),
				},
			},
			"roles": schema.SetAttribute{
				Description:         "The grants of the mapping. See [Grants](../index.md#grants).",
				MarkdownDescription: "The grants of the mapping, at least one, such as `organization-admin` or `deployment-editor:*`. See [Grants](../index.md#grants).",
				Required:            true,
				ElementType:         grantType{},
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(grantCheck),
				},
			},
		},
	}
}

// ruleCheck refuses a rule that Elastic Cloud would refuse. It checks the whole rule: an
// error at an element of a set would show the whole element.
type ruleCheck struct{}

// Description implements validator.Object.
func (ruleCheck) Description(context.Context) string {
	return "either any or all, with conditions that have either group or email"
}

// MarkdownDescription implements validator.Object.
func (c ruleCheck) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateObject implements validator.Object.
func (ruleCheck) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := ruleProblem(req.ConfigValue); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid rule",
			problem+" Write either any or all, with at least one condition. A condition is { group = \"owners\" } or { email = \"*@example.com\" }. Terraform ignores attributes with other names.")
	}
}

// ruleProblem returns what is wrong with a rule, or an empty string.
func ruleProblem(rule types.Object) string {
	anyOf, allOf := rule.Attributes()["any"], rule.Attributes()["all"]
	switch {
	case anyOf.IsNull() && allOf.IsNull():
		return "The rule has neither any nor all."
	case !anyOf.IsNull() && !allOf.IsNull() && !anyOf.IsUnknown() && !allOf.IsUnknown():
		return "The rule has both any and all."
	}
	for _, name := range []string{"any", "all"} {
		conditions, ok := rule.Attributes()[name].(types.Set)
		if !ok || conditions.IsNull() || conditions.IsUnknown() {
			continue
		}
		if len(conditions.Elements()) == 0 {
			return "The list " + name + " has no condition."
		}
		for _, condition := range conditions.Elements() {
			if problem := conditionProblem(condition); problem != "" {
				return "A condition in " + name + " has " + problem + "."
			}
		}
	}
	return ""
}

func conditionProblem(condition attr.Value) string {
	object, ok := condition.(types.Object)
	if !ok || object.IsUnknown() {
		return ""
	}
	group, email := object.Attributes()["group"], object.Attributes()["email"]
	isEmpty := func(value attr.Value) bool { return value.IsNull() || value.Equal(types.StringValue("")) }
	switch {
	case group.IsUnknown() || email.IsUnknown():
		return ""
	case isEmpty(group) && isEmpty(email):
		return "neither group nor email"
	case !isEmpty(group) && !isEmpty(email):
		return "both group and email"
	}
	return ""
}

func (r *roleMappingResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityOrganization,
			"name": identityschema.StringAttribute{
				Description:       "Name of the mapping.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *roleMappingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan roleMappingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	wanted := r.toAPI(ctx, plan, cloud.RoleMapping{}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	organizationID := r.organizationID(ctx, &resp.Diagnostics)
	summary := fmt.Sprintf("Could not create the role mapping %q", wanted.Name)
	existing, found, err := r.run.organization.RoleMappings.Keep(ctx, wanted.Name, func(m cloud.RoleMapping) bool { return m.MayBe(wanted, organizationID) })
	switch {
	case err != nil:
		addError(&resp.Diagnostics, summary, err)
		return
	case !found:
		if err := r.run.organization.RoleMappings.Add(ctx, wanted); err != nil {
			addMappingError(&resp.Diagnostics, summary, err)
			return
		}
	case existing.MayBe(wanted, organizationID):
		// An equal mapping exists because an earlier apply lost the answer, or because this
		// resource replaces an older one. If it may grant more than Elastic Cloud shows, it is
		// written.
		if !sameMapping(existing, wanted, organizationID) || givesConsoleOnly(wanted.RoleAssignments.Grants(organizationID)) {
			if err := r.run.organization.RoleMappings.Update(ctx, existing.Name, r.toAPI(ctx, plan, existing, &resp.Diagnostics)); err != nil {
				addMappingError(&resp.Diagnostics, summary, err)
				return
			}
		}
	default:
		resp.Diagnostics.AddAttributeError(namePath, summary,
			"A mapping with this name already exists, and it differs from this configuration. Nothing was changed. "+importMapping(wanted.Name))
		return
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

func (r *roleMappingResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state roleMappingModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	mapping, found, err := r.run.organization.RoleMappings.Find(ctx, state.Name.ValueString())
	if err != nil {
		addError(&resp.Diagnostics, fmt.Sprintf("Could not read the role mapping %q", state.Name.ValueString()), err)
		return
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
	if !found {
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(state.fromAPI(ctx, mapping, r.organizationID(ctx, &resp.Diagnostics))...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *roleMappingResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan roleMappingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	summary := fmt.Sprintf("Could not change the role mapping %q", plan.Name.ValueString())
	existing, _, err := r.run.organization.RoleMappings.Find(ctx, plan.Name.ValueString())
	if err == nil {
		wanted := r.toAPI(ctx, plan, existing, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
		err = r.run.organization.RoleMappings.Update(ctx, cmp.Or(existing.Name, wanted.Name), wanted)
	}
	if err != nil {
		addMappingError(&resp.Diagnostics, summary, err)
		return
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

func (r *roleMappingResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state roleMappingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := r.run.organization.RoleMappings.Dismiss(ctx, state.Name.ValueString()); err != nil {
		addMappingError(&resp.Diagnostics, fmt.Sprintf("Could not delete the role mapping %q", state.Name.ValueString()), err)
	}
}

// addMappingError adds what to do if no mapping grants organization-admin: the message of
// Elastic Cloud does not have it.
func addMappingError(diags *diag.Diagnostics, summary string, err error) {
	var none *organization.NoAdminMappingError
	if errors.As(err, &none) {
		err = fmt.Errorf("%w\n\nNo enabled role mapping grants organization-admin, and Elastic Cloud requires one as long as there are others. "+
			"If this apply creates one, or removes all of them, let the other mappings depend on it with depends_on, and apply again", err)
	}
	addError(diags, summary, err)
}

// ImportState imports by the name or the identity.
func (r *roleMappingResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name := types.StringValue(req.ID)
	if req.ID == "" {
		var identity roleMappingIdentity
		importedIdentity(ctx, req, &identity, "the name of a role mapping", &resp.Diagnostics)
		r.checkOrganization(ctx, identity.OrganizationID, &resp.Diagnostics)
		name = identity.Name
	}
	if resp.Diagnostics.HasError() {
		return
	}
	summary := fmt.Sprintf("Could not import the role mapping %q", name.ValueString())
	mapping, found, err := r.run.organization.RoleMappings.Find(ctx, name.ValueString())
	if err != nil {
		addError(&resp.Diagnostics, summary, err)
		return
	}
	if !found {
		resp.Diagnostics.AddError(summary, "The organization has no role mapping with this name. Check the name: case matters.")
		return
	}
	state, diags := adoptedMapping(ctx, name.ValueString(), mapping, r.organizationID(ctx, &resp.Diagnostics))
	resp.Diagnostics.Append(diags...)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

func (m roleMappingModel) identity(organizationID types.String) any {
	return roleMappingIdentity{OrganizationID: organizationID, Name: m.Name}
}

// toAPI returns the mapping to write. It keeps access of the existing mapping that this
// version of the provider does not know.
func (r *roleMappingResource) toAPI(ctx context.Context, m roleMappingModel, existing cloud.RoleMapping, diags *diag.Diagnostics) cloud.RoleMapping {
	rule, _ := m.rule(ctx)
	grants, _ := grantsOf(m.Roles)
	organizationID := r.organizationID(ctx, diags)
	add, remove := cloud.DiffGrants(existing.RoleAssignments.Grants(organizationID), grants)
	return cloud.RoleMapping{
		Name:            m.Name.ValueString(),
		Enabled:         m.Enabled.ValueBool(),
		Rule:            rule,
		RoleAssignments: existing.RoleAssignments.Change(organizationID, add, remove),
	}
}

// rule returns the rule. It is false if part of the rule is unknown.
func (m mappingModel) rule(ctx context.Context) (rule cloud.RoleMappingRule, known bool) {
	var model ruleModel
	if m.Rule.IsNull() || m.Rule.IsUnknown() || m.Rule.As(ctx, &model, basetypes.ObjectAsOptions{}).HasError() {
		return rule, false
	}
	for _, c := range slices.Concat(model.Any, model.All) {
		if c.Group.IsUnknown() || c.Email.IsUnknown() {
			return rule, false
		}
	}
	return model.toAPI(), true
}

func (m ruleModel) toAPI() cloud.RoleMappingRule {
	convert := func(conditions []conditionModel) (list []cloud.RoleMappingCondition) {
		for _, c := range conditions {
			list = append(list, cloud.RoleMappingCondition{Group: c.Group.ValueString(), Email: c.Email.ValueString()})
		}
		return list
	}
	return cloud.RoleMappingRule{Any: convert(m.Any), All: convert(m.All)}
}

// adoptedMapping returns the state of a mapping that is imported.
func adoptedMapping(ctx context.Context, name string, mapping cloud.RoleMapping, organizationID string) (roleMappingModel, diag.Diagnostics) {
	m := roleMappingModel{mappingModel: mappingModel{Name: types.StringValue(name), Roles: types.SetNull(grantType{}), Rule: types.ObjectNull(ruleTypes)}}
	diags := m.fromAPI(ctx, mapping, organizationID)
	return m, diags
}

func (m *roleMappingModel) fromAPI(ctx context.Context, mapping cloud.RoleMapping, organizationID string) diag.Diagnostics {
	convert := func(conditions []cloud.RoleMappingCondition) (list []conditionModel) {
		for _, c := range conditions {
			model := conditionModel{Group: types.StringNull(), Email: types.StringNull()}
			if c.Group != "" {
				model.Group = types.StringValue(c.Group)
			}
			if c.Email != "" {
				model.Email = types.StringValue(c.Email)
			}
			if !slices.Contains(list, model) { // a set has no duplicates, and Elastic Cloud may have some
				list = append(list, model)
			}
		}
		return list
	}
	// Another name than the configured one is left by an interrupted deletion. As the id, the
	// plan shows it, and apply reverts it.
	m.ID = types.StringValue(mapping.Name)
	m.Enabled = types.BoolValue(mapping.Enabled)
	m.Roles = grantSet(mapping.RoleAssignments.Grants(organizationID), m.Roles)
	if prior, known := m.rule(ctx); known && prior.Equal(mapping.Rule) {
		return nil // keep the spelling
	}
	rule, diags := types.ObjectValueFrom(ctx, ruleTypes, ruleModel{Any: convert(mapping.Rule.Any), All: convert(mapping.Rule.All)})
	m.Rule = rule
	return diags
}
