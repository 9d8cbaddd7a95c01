// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var _ function.Function = (*mappedGrantsFunction)(nil)

type mappedGrantsFunction struct{}

func newMappedGrantsFunction() function.Function { return &mappedGrantsFunction{} }

// mappedGrant is a grant that a role mapping grants at a sign-in.
type mappedGrant struct {
	grant, roleMapping string
}

var mappedGrantColumns = columnsOf[mappedGrant]{
	{"grant", "", func(g mappedGrant) string { return g.grant }},
	{"role_mapping", "", func(g mappedGrant) string { return g.roleMapping }},
}

func (f *mappedGrantsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "mapped_grants"
}

func (f *mappedGrantsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Lists what role mappings grant a person at a sign-in",
		MarkdownDescription: "Evaluates role mappings as Elastic Cloud does when a person signs in through SSO. Use it for reviews, checks and tests of a configuration. " +
			"The result is a list of objects:\n" +
			"- `grant`: a grant that the person gets;\n" +
			"- `role_mapping`: the name of the role mapping that grants it.\n\n" +
			"If several mappings grant the same, the list has one entry for each of them. The list is sorted by grant and mapping. Disabled mappings grant nothing.\n\n" +
			"Addresses are compared without regard to case, groups with regard to case. " +
			"The function makes no call and does not check whether the person can sign in. Only people with an address in a claimed domain can.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "role_mappings",
				MarkdownDescription: "A list, set or tuple of role mappings, such as `role_mappings` of the data source [`elasticcloud_role_mappings`](../data-sources/role_mappings.md) or `values(elasticcloud_role_mapping.all)`. " +
					"Each is an object with `name`, `enabled` (default: `true`), `rule` and `roles`. The function ignores other attributes.",
			},
			function.StringParameter{
				Name:                "email",
				MarkdownDescription: "The e-mail address that the IdP sends for the person.",
			},
			function.ListParameter{
				Name:                "groups",
				ElementType:         types.StringType,
				MarkdownDescription: "The groups that the IdP sends for the person, as a list or set. Empty for a person without groups.",
			},
		},
		Return: function.ListReturn{ElementType: mappedGrantColumns.rowType()},
	}
}

func (f *mappedGrantsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var roleMappings types.Dynamic
	var email string
	var groups types.List
	resp.Error = req.Arguments.Get(ctx, &roleMappings, &email, &groups)
	if resp.Error != nil {
		return
	}
	if hasUnknown(roleMappings.UnderlyingValue()) || hasUnknown(groups) {
		resp.Error = resp.Result.Set(ctx, types.ListUnknown(mappedGrantColumns.rowType()))
		return
	}
	mappings, err := mappingsOf(roleMappings.UnderlyingValue())
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	if !isAddress(email) {
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("%q is not an e-mail address. Write the address alone, such as alice@example.com", email))
		return
	}
	for i, group := range groups.Elements() {
		if group.IsNull() {
			resp.Error = function.NewArgumentFuncError(2, fmt.Sprintf("groups[%d] is null. Each group is a string", i))
			return
		}
	}
	names, _ := stringsOf(groups)
	resp.Error = resp.Result.Set(ctx, mappedGrantColumns.rows(mappedGrants(mappings, email, names)))
}

// mappedGrants returns what the mappings grant a person, sorted.
func mappedGrants(mappings []mappingInWords, email string, groupNames []string) (rows []mappedGrant) {
	for _, m := range mappings {
		if !ruleAppliesTo(m.rule, email, inGroups(groupNames)) {
			continue
		}
		for _, g := range m.effective() {
			rows = append(rows, mappedGrant{g.String(), m.name})
		}
	}
	slices.SortFunc(rows, func(a, b mappedGrant) int {
		return cmp.Or(cmp.Compare(a.grant, b.grant), cmp.Compare(a.roleMapping, b.roleMapping))
	})
	return slices.Compact(rows)
}

// mappingsOf reads the argument role_mappings.
func mappingsOf(value attr.Value) ([]mappingInWords, error) {
	elements, ok := elementsOf(value)
	if !ok {
		return nil, errors.New("role_mappings must be a list of role mappings, such as role_mappings of the data source elasticcloud_role_mappings")
	}
	mappings := make([]mappingInWords, len(elements))
	for i, element := range elements {
		where := fmt.Sprintf("role_mappings[%d]", i)
		fields, ok := fieldsOf(element)
		if !ok || element.IsNull() {
			return nil, fmt.Errorf("%s must be an object with name, enabled, rule and roles", where)
		}
		if name, _ := text(fields["name"]); name != "" {
			where += " (" + strconv.Quote(name) + ")"
		}
		var err error
		if mappings[i], err = mappingOf(fields); err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
	}
	return mappings, nil
}

// mappingOf reads one role mapping of the argument.
func mappingOf(fields map[string]attr.Value) (m mappingInWords, err error) {
	if m.name, _ = text(fields["name"]); m.name == "" {
		return m, errors.New("name must be a string that is not empty")
	}
	m.enabled = true
	if value := fields["enabled"]; !isNothing(value) {
		enabled, ok := value.(types.Bool)
		if !ok {
			return m, errors.New("enabled must be true or false")
		}
		m.enabled = enabled.ValueBool()
	}
	if m.rule, err = ruleOf(fields["rule"]); err != nil {
		return m, err
	}
	roles, ok := elementsOf(fields["roles"])
	if !ok || isNothing(fields["roles"]) {
		return m, errors.New("roles must be a list or set of grants")
	}
	for _, role := range roles {
		s, ok := text(role)
		if !ok || role.IsNull() {
			return m, errors.New("roles must be a list or set of grants, without null")
		}
		g, err := cloud.ParseGrant(s)
		if err != nil {
			return m, fmt.Errorf("roles: %w", err)
		}
		m.grants = append(m.grants, g)
	}
	return m, nil
}

// ruleOf reads the rule of a role mapping. It is as strict as the resource.
func ruleOf(value attr.Value) (rule cloud.RoleMappingRule, err error) {
	fields, ok := fieldsOf(value)
	if !ok || value.IsNull() {
		return rule, errors.New("rule must be an object with either any or all")
	}
	switch hasAny, hasAll := !isNothing(fields["any"]), !isNothing(fields["all"]); {
	case hasAny && hasAll:
		return rule, errors.New("the rule has both any and all. Write one of them")
	case hasAny:
		rule.Any, err = conditionsOf("any", fields["any"])
	case hasAll:
		rule.All, err = conditionsOf("all", fields["all"])
	default:
		return rule, errors.New("the rule has neither any nor all. Write one of them")
	}
	return rule, err
}

func conditionsOf(name string, value attr.Value) ([]cloud.RoleMappingCondition, error) {
	elements, ok := elementsOf(value)
	if !ok || len(elements) == 0 {
		return nil, fmt.Errorf("%s of the rule must be a list or set with at least one condition", name)
	}
	conditions := make([]cloud.RoleMappingCondition, len(elements))
	for i, element := range elements {
		fields, ok := fieldsOf(element)
		group, isText := textOrNothing(fields["group"])
		email, isTextToo := textOrNothing(fields["email"])
		if !ok || !isText || !isTextToo || (group == "") == (email == "") {
			return nil, fmt.Errorf("a condition in %s must have either group or email, such as { group = \"owners\" }", name)
		}
		conditions[i] = cloud.RoleMappingCondition{Group: group, Email: email}
	}
	return conditions, nil
}

// isNothing reports whether a field is missing or null.
func isNothing(value attr.Value) bool { return value == nil || value.IsNull() }

// textOrNothing reads a field that may be missing or null. It is false if it is not a text.
func textOrNothing(value attr.Value) (string, bool) {
	if isNothing(value) {
		return "", true
	}
	return text(value)
}
