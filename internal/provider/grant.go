// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

type (
	grantType  = spelledType[grantNotation]
	grantValue = spelled[grantNotation]
)

func newGrantValue(s string) grantValue { return spell[grantNotation](s) }

// grantNotation compares grants without regard to the order of the application
// roles.
type grantNotation struct{}

func (grantNotation) key(s string) string {
	g, err := cloud.ParseGrant(s)
	if err != nil {
		return s
	}
	return g.String()
}

// check refuses a text that is not a grant. It only warns of an unknown role, because
// Elastic Cloud adds roles from time to time.
func (grantNotation) check(s string, at path.Path, diags *diag.Diagnostics) {
	grant, err := cloud.ParseGrant(s)
	if err != nil {
		diags.AddAttributeError(at, "Invalid grant", err.Error())
		return
	}
	known := cloud.KnownRoles(grant.Role)
	if slices.ContainsFunc(known, func(r cloud.Role) bool { return r.ID == grant.Role }) {
		return
	}
	detail := warning.UnknownRoleDetail.With(grant.Role)
	if len(known) > 0 {
		detail += " " + warning.DidYouMean.With(nearest(grant.Role, known))
	}
	diags.AddAttributeWarning(at, warning.UnknownRole.With(grant.Role), detail)
}

// nearest returns the known role that the user probably meant, by its ID or by its name in
// the console. If two are equally near, it returns the later one, which has less power.
func nearest(role string, known []cloud.Role) string {
	role = strings.ToLower(role)
	near, least := "", math.MaxInt
	for _, r := range known {
		distance := levenshtein.Distance(role, r.ID, nil)
		if name := strings.ReplaceAll(strings.ToLower(r.Name), " ", "-"); name != "" && strings.HasSuffix(name, role) {
			distance = 0
		}
		if distance <= least {
			near, least = r.ID, distance
		}
	}
	return near
}

// givesConsoleOnly reports whether one of the grants has an empty list of application
// roles. A reply may show it like a grant without such a list, which gives more access.
func givesConsoleOnly(grants []cloud.Grant) bool {
	return slices.ContainsFunc(grants, func(g cloud.Grant) bool { return g.ConsoleOnly })
}

// grantIn returns the grant in a string. The validators have refused other strings.
func grantIn(v grantValue) cloud.Grant {
	g, _ := cloud.ParseGrant(v.ValueString())
	return g
}

// grantsOf returns the grants in a set of grantType or plain strings. It is false if the
// set or an element is unknown, and then returns the known ones.
func grantsOf(set types.Set) (grants []cloud.Grant, known bool) {
	if set.IsUnknown() {
		return nil, false
	}
	elements := set.Elements()
	grants, known = make([]cloud.Grant, 0, len(elements)), true
	for _, element := range elements {
		if element.IsUnknown() {
			known = false
			continue
		}
		grants = append(grants, grantOf(element))
	}
	return grants, known
}

// grantOf returns the grant in an element of a set.
func grantOf(element attr.Value) cloud.Grant {
	value, ok := element.(interface{ ValueString() string })
	if !ok {
		return cloud.Grant{}
	}
	return grantIn(newGrantValue(value.ValueString()))
}

// sameGrants reports whether both sets are known and give the same access, in any
// spelling. Null and empty are different.
func sameGrants(a, b types.Set) bool {
	grantsA, knownA := grantsOf(a)
	grantsB, knownB := grantsOf(b)
	add, remove := cloud.DiffGrants(grantsA, grantsB)
	return knownA && knownB && a.IsNull() == b.IsNull() && len(add)+len(remove) == 0
}

// grantSet returns the grants of a reply as a set, with the type and the spelling of
// prior. If the reply cannot distinguish two grants, the one of prior is used.
func grantSet(shown []cloud.Grant, prior types.Set) types.Set {
	held, known := grantsOf(prior)
	grants := cloud.ShownAs(shown, held)
	if known && !prior.IsNull() {
		if add, remove := cloud.DiffGrants(held, grants); len(add)+len(remove) == 0 {
			return prior
		}
	}
	spelling := map[cloud.Grant]attr.Value{}
	for _, element := range prior.Elements() {
		spelling[grantOf(element)] = element
	}
	newElement, elementType := func(s string) attr.Value { return newGrantValue(s) }, attr.Type(grantType{})
	if prior.ElementType(context.Background()) == types.StringType {
		newElement, elementType = func(s string) attr.Value { return types.StringValue(s) }, types.StringType
	}
	elements := make([]attr.Value, len(grants))
	for i, g := range grants {
		if elements[i] = spelling[g]; elements[i] == nil {
			elements[i] = newElement(g.String())
		}
	}
	return types.SetValueMust(elementType, elements)
}
