// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// AllResources is the Resource of a grant on all resources of its kind.
const AllResources = "*"

// The roles on the organization. Who holds RoleOrganizationAdmin is an owner.
const (
	RoleOrganizationAdmin = "organization-admin"
	RoleBillingAdmin      = "billing-admin"
)

const (
	kindDeployment = "deployment"
	// kindConnected is that of clusters that run elsewhere and are connected to
	// Elastic Cloud.
	kindConnected = "cloud-connected"
)

// projectTypes are the kinds of projects.
var projectTypes = []string{"elasticsearch", "observability", "security", "workplaceai", "vectordb"}

// kinds are the kinds of resources that roles are given on. The prefix of a
// role ID names its kind.
var kinds = slices.Concat([]string{kindDeployment}, projectTypes, []string{kindConnected})

// Grant is one role on one scope: what access is made of, whatever the
// grouping in which the service returns it. Grants compare with ==.
type Grant struct {
	// Role is the API's role ID, such as deployment-editor.
	Role string
	// Resource is empty for a role on the organization, AllResources, or the
	// ID of one deployment, project or connected cluster.
	Resource string
	// ApplicationRoles are the roles inside the deployment or project, sorted
	// and joined as in the grant string; see NewGrant.
	ApplicationRoles string
	// ConsoleOnly is the empty list of application roles: the role gives access to
	// the Cloud console alone. Where it is false and ApplicationRoles is empty, there
	// is no list, and the role gives its own default inside the resource.
	ConsoleOnly bool
}

var (
	escapeRole   = strings.NewReplacer("%", "%25", "+", "%2B")
	unescapeRole = strings.NewReplacer("%25", "%", "%2B", "+", "%2b", "+")
)

// NewGrant makes a grant of which the order of the application roles, and one
// that is there twice, make no difference. Nil is no list of application roles;
// an empty list is none of them, and makes no difference on the organization.
func NewGrant(role, resource string, applicationRoles []string) Grant {
	sorted := slices.Compact(slices.Sorted(slices.Values(applicationRoles)))
	for i, r := range sorted {
		sorted[i] = escapeRole.Replace(r)
	}
	g := Grant{Role: role, Resource: resource, ApplicationRoles: strings.Join(sorted, "+")}
	g.ConsoleOnly = applicationRoles != nil && len(sorted) == 0 && g.Kind() != ""
	return g
}

// String writes the grant as ParseGrant reads it: role, role:resource, or
// either with +application+roles behind it. A + at the end is the empty list.
func (g Grant) String() string {
	s := g.Role
	if g.Resource != "" {
		s += ":" + g.Resource
	}
	if g.ApplicationRoles != "" || g.ConsoleOnly {
		s += "+" + g.ApplicationRoles
	}
	return s
}

// JoinGrants writes grants for a sentence, with commas between them.
func JoinGrants(grants []Grant) string {
	texts := make([]string, len(grants))
	for i, g := range grants {
		texts[i] = g.String()
	}
	return strings.Join(texts, ", ")
}

// Kind is what the role is given on: deployment, a project type or
// cloud-connected, or empty for the organization.
func (g Grant) Kind() string {
	for _, kind := range kinds {
		if strings.HasPrefix(g.Role, kind+"-") {
			return kind
		}
	}
	return ""
}

// Alike returns the grant that a reply may show in the place of g, and whether
// there is one: the same role with no list of application roles, or with an empty
// list. How a reply shows the two is not published.
func (g Grant) Alike() (other Grant, found bool) {
	if g.ApplicationRoles != "" || g.Kind() == "" {
		return Grant{}, false
	}
	g.ConsoleOnly = !g.ConsoleOnly
	return g, true
}

// Holds reports whether g is among the grants that a reply shows, or the grant
// that it may show in the place of g.
func Holds(shown []Grant, g Grant) bool {
	other, found := g.Alike()
	return slices.Contains(shown, g) || found && slices.Contains(shown, other)
}

// Covers reports whether grants that a reply shows give g: by itself, or by the same
// on all resources of the kind, which may have absorbed it.
func Covers(shown []Grant, g Grant) bool {
	all := g
	all.Resource = AllResources
	return Holds(shown, g) || g.Kind() != "" && Holds(shown, all)
}

// Absorbs returns the grants on single resources that g, which is on all of them, may
// absorb.
func (g Grant) Absorbs(grants []Grant) []Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(other Grant) bool {
		return !Covers([]Grant{g}, other) || Holds([]Grant{g}, other)
	})
}

// CoversAll is Covers for several grants.
func CoversAll(shown, grants []Grant) bool {
	return !slices.ContainsFunc(grants, func(g Grant) bool { return !Covers(shown, g) })
}

// ShownAs returns the grants behind those that a reply shows, sorted. Where it may
// show two alike, known says which one is held, or both; where it has neither, the
// grant is taken as it is shown. One on a single resource that is known counts as
// held where the same on all of them is shown, which may have absorbed it.
func ShownAs(shown, known []Grant) []Grant {
	var held []Grant
	for _, g := range shown {
		meant := slices.DeleteFunc(slices.Clone(known), func(k Grant) bool { return !Holds([]Grant{g}, k) })
		other, hasTwin := g.Alike()
		if len(meant) == 0 || hasTwin && slices.Contains(shown, other) { // a reply that has both tells them apart
			meant = []Grant{g}
		}
		held = append(held, meant...)
	}
	for _, k := range known {
		if k.Resource != AllResources && Covers(shown, k) && !Holds(shown, k) {
			held = append(held, k)
		}
	}
	return Without(held, nil)
}

// ApplicationRoleList is nil where there is no list of application roles, and sorted.
func (g Grant) ApplicationRoleList() []string {
	if g.ConsoleOnly {
		return []string{}
	}
	if g.ApplicationRoles == "" {
		return nil
	}
	roles := strings.Split(g.ApplicationRoles, "+")
	for i, r := range roles {
		roles[i] = unescapeRole.Replace(r)
	}
	return roles
}

// GrantError says what is wrong with a grant string, and where.
type GrantError struct {
	// Grant is the string as it was written.
	Grant string
	// Position is the character at fault, counted from 1.
	Position int
	// Problem is what is wrong there and what to write instead.
	Problem string
}

// Error shows the grant, the character at fault and the problem.
func (e *GrantError) Error() string {
	return fmt.Sprintf("%q, character %d: %s", e.Grant, e.Position, e.Problem)
}

// ParseGrant reads a grant string. A role that is not known is accepted, since
// their list grows; the error is a *GrantError. In an application role,
// + is written %2B, and %25 may stand for %. A + at the very end is the empty list
// of application roles.
func ParseGrant(s string) (Grant, error) {
	fail := func(at int, format string, args ...any) (Grant, error) {
		return Grant{}, &GrantError{Grant: s, Position: len([]rune(s[:at])) + 1, Problem: fmt.Sprintf(format, args...)}
	}
	head, tail, hasRoles := strings.Cut(s, "+")
	role, resource, hasResource := strings.Cut(head, ":")
	if role == "" {
		return fail(0, "the role is missing; write one such as organization-admin or deployment-editor:*")
	}
	if at := strings.IndexFunc(role, notInID); at >= 0 {
		return fail(at, "%q is not allowed in a role ID; role IDs look like organization-admin and deployment-editor%s", firstRune(role[at:]), consoleName(role))
	}
	g := Grant{Role: role, Resource: resource}
	kind := g.Kind()
	if kind != "" && len(role) == len(kind)+1 {
		return fail(len(role), "a role is missing after %q, such as %sviewer", role, role)
	}
	switch {
	case hasResource && kind == "" && isOrganizationRole(role):
		return fail(len(role), "%s is a role on the organization and takes no scope; write %s alone", role, role)
	case hasResource && kind == "":
		return fail(0, "%s is not a role on a deployment, project or connected cluster: those begin with %s-; a role on the organization takes no scope", role, strings.Join(kinds, "-, "))
	case kind != "" && !hasResource:
		return fail(len(head), "%s needs a scope: %s:* for all resources of the kind %s, or %s:<ID> for one", role, role, kind, role)
	case hasResource && resource == "":
		return fail(len(head), "the scope is missing after the colon; write * for all resources of the kind %s, or an ID", kind)
	}
	if at := strings.IndexFunc(resource, notInID); at >= 0 && resource != AllResources {
		return fail(len(role)+1+at, "%q is not allowed in the ID of a deployment, project or connected cluster", firstRune(resource[at:]))
	}
	if !hasRoles {
		return g, nil
	}
	if tail == "" {
		return NewGrant(role, resource, []string{}), nil
	}
	applicationRoles := strings.Split(tail, "+")
	at := len(head) + 1
	for i, r := range applicationRoles {
		switch {
		case r == "":
			return fail(at, "an application role is missing after the +; for an empty list, write one + at the end, as in %s+", head)
		case strings.TrimSpace(r) != r:
			return fail(at, "an application role cannot begin or end with a space")
		}
		if bad := strings.IndexFunc(r, unicode.IsControl); bad >= 0 {
			return fail(at+bad, "a control character is not allowed in an application role")
		}
		at += len(r) + 1
		applicationRoles[i] = unescapeRole.Replace(r)
	}
	return NewGrant(role, resource, applicationRoles), nil
}

// notInID tells which characters role and resource IDs do not have.
func notInID(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", r)
}

func firstRune(s string) string {
	return string([]rune(s)[:1])
}

// consoleName is a hint for the names that the console shows for role IDs.
func consoleName(role string) string {
	for _, r := range KnownRoles("") {
		if strings.EqualFold(role, r.Name) {
			return fmt.Sprintf("; the role ID of %q is %s", role, r.ID)
		}
	}
	return ""
}

func isOrganizationRole(role string) bool {
	return role == RoleOrganizationAdmin || role == RoleBillingAdmin
}

// MakeOwner tells that organization-admin is among grants.
func MakeOwner(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool { return g.Role == RoleOrganizationAdmin })
}

// DiffGrants returns what is wanted and not held, and what is held and not
// wanted. The two have nothing in common, and both are sorted. It compares exactly:
// what a reply shows is read with ShownAs first.
func DiffGrants(held, wanted []Grant) (add, remove []Grant) {
	return Without(wanted, held), Without(held, wanted)
}

// Without returns the grants that are not among others, sorted, each once.
func Without(grants, others []Grant) []Grant {
	drop := make(map[Grant]bool, len(others))
	for _, g := range others {
		drop[g] = true
	}
	var rest []Grant
	for _, g := range grants {
		if !drop[g] {
			drop[g] = true
			rest = append(rest, g)
		}
	}
	slices.SortFunc(rest, compareGrants)
	return rest
}

func compareGrants(a, b Grant) int {
	if order := cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.ApplicationRoles, b.ApplicationRoles)); order != 0 || a.ConsoleOnly == b.ConsoleOnly {
		return order
	}
	if a.ConsoleOnly {
		return 1
	}
	return -1
}
