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

// The roles on the organization. A member with RoleOrganizationAdmin is an owner.
const (
	RoleOrganizationAdmin = "organization-admin"
	RoleBillingAdmin      = "billing-admin"
)

const (
	kindDeployment = "deployment"
	// kindConnected is the kind of clusters that run elsewhere and are connected to
	// Elastic Cloud.
	kindConnected = "cloud-connected"
)

// projectTypes are the kinds of projects.
var projectTypes = []string{"elasticsearch", "observability", "security", "workplaceai", "vectordb"}

// kinds are the kinds of resources that have roles. The prefix of a role ID names its
// kind.
var kinds = slices.Concat([]string{kindDeployment}, projectTypes, []string{kindConnected})

// Grant is one role on one scope. All access is a set of grants, however the service
// groups it in a reply. Grants compare with ==.
type Grant struct {
	// Role is the API's role ID, such as deployment-editor.
	Role string
	// Resource is empty for a role on the organization, AllResources, or the ID of one
	// deployment, project or connected cluster.
	Resource string
	// ApplicationRoles are the roles inside the deployment or project, sorted and
	// joined as in the grant string; see NewGrant.
	ApplicationRoles string
	// ConsoleOnly means an empty list of application roles: the role gives access only
	// to the Cloud console. If ConsoleOnly is false and ApplicationRoles is empty,
	// there is no list, and the role gives its default access inside the resource.
	ConsoleOnly bool
}

var (
	escapeRole   = strings.NewReplacer("%", "%25", "+", "%2B")
	unescapeRole = strings.NewReplacer("%25", "%", "%2B", "+", "%2b", "+")
)

// NewGrant returns a grant. It sorts the application roles and removes duplicates. Nil
// means that there is no list of application roles; an empty list means access only to
// the console. On the organization the two are the same.
func NewGrant(role, resource string, applicationRoles []string) Grant {
	sorted := slices.Compact(slices.Sorted(slices.Values(applicationRoles)))
	for i, r := range sorted {
		sorted[i] = escapeRole.Replace(r)
	}
	g := Grant{Role: role, Resource: resource, ApplicationRoles: strings.Join(sorted, "+")}
	g.ConsoleOnly = applicationRoles != nil && len(sorted) == 0 && g.Kind() != ""
	return g
}

// String writes the grant as ParseGrant reads it: role, role:resource, or either
// followed by +application+roles. A + at the end is the empty list.
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

// JoinGrants writes grants for a sentence, separated by commas.
func JoinGrants(grants []Grant) string {
	texts := make([]string, len(grants))
	for i, g := range grants {
		texts[i] = g.String()
	}
	return strings.Join(texts, ", ")
}

// Kind returns the kind of resource that the role is for: deployment, a project type or
// cloud-connected. It returns "" for the organization.
func (g Grant) Kind() string {
	for _, kind := range kinds {
		if strings.HasPrefix(g.Role, kind+"-") {
			return kind
		}
	}
	return ""
}

// Alike returns the twin of g, which a reply may show in the place of g, and reports
// whether there is one. The twin has an empty list of application roles if g has no
// list, and the other way round. The API documentation does not say how a reply shows
// the two.
func (g Grant) Alike() (other Grant, found bool) {
	if g.ApplicationRoles != "" || g.Kind() == "" {
		return Grant{}, false
	}
	g.ConsoleOnly = !g.ConsoleOnly
	return g, true
}

// Holds reports whether a reply shows g or its twin; see Alike.
func Holds(shown []Grant, g Grant) bool {
	other, found := g.Alike()
	return slices.Contains(shown, g) || found && slices.Contains(shown, other)
}

// Covers reports whether the grants of a reply include g, or the same role on all
// resources of the kind, which may have absorbed g.
func Covers(shown []Grant, g Grant) bool {
	all := g
	all.Resource = AllResources
	return Holds(shown, g) || g.Kind() != "" && Holds(shown, all)
}

// Absorbs returns the grants on single resources that g may absorb, because g is the
// same role on all resources.
func (g Grant) Absorbs(grants []Grant) []Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(other Grant) bool {
		return !Covers([]Grant{g}, other) || Holds([]Grant{g}, other)
	})
}

// CoversAll reports whether shown covers all of the grants; see Covers.
func CoversAll(shown, grants []Grant) bool {
	return !slices.ContainsFunc(grants, func(g Grant) bool { return !Covers(shown, g) })
}

// ShownAs returns the grants that a person holds, by those that a reply shows, sorted.
// If a reply may show two grants alike, known says which one is held, or that both are.
// If known has neither, ShownAs returns the grant that is shown. A known grant on a
// single resource counts as held if the reply shows the same role on all resources,
// which may have absorbed it.
func ShownAs(shown, known []Grant) []Grant {
	var held []Grant
	for _, g := range shown {
		meant := slices.DeleteFunc(slices.Clone(known), func(k Grant) bool { return !Holds([]Grant{g}, k) })
		other, hasTwin := g.Alike()
		if len(meant) == 0 || hasTwin && slices.Contains(shown, other) { // a reply that shows both distinguishes them
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

// ApplicationRoleList returns the application roles, sorted, or nil if there is no
// list.
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
	// Position is the position of the wrong character, counted from 1.
	Position int
	// Problem says what is wrong there and what to write instead.
	Problem string
}

// Error returns the grant, the position and the problem.
func (e *GrantError) Error() string {
	return fmt.Sprintf("%q, character %d: %s", e.Grant, e.Position, e.Problem)
}

// ParseGrant parses a grant string. It accepts unknown roles, because Elastic Cloud
// adds roles. The error is a *GrantError. In an application role, write %2B for +; %25
// means %. A + at the very end means the empty list of application roles.
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

// notInID reports whether role and resource IDs cannot contain a character.
func notInID(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", r)
}

func firstRune(s string) string {
	return string([]rune(s)[:1])
}

// consoleName returns a hint if the text is a name that the console shows for a role.
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

// MakeOwner reports whether organization-admin is among the grants.
func MakeOwner(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool { return g.Role == RoleOrganizationAdmin })
}

// DiffGrants returns the wanted grants that are not held, and the held grants that are
// not wanted, both sorted. It compares exactly, so read a reply with ShownAs first.
func DiffGrants(held, wanted []Grant) (add, remove []Grant) {
	return Without(wanted, held), Without(held, wanted)
}

// Without returns the grants that are not among others, sorted and without duplicates.
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
