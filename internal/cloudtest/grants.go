// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// projectTypes are the project types of the contract.
var projectTypes = []string{"elasticsearch", "observability", "security", "workplaceai", "vectordb"}

// grant is one role on one scope, the smallest unit of access.
type grant struct {
	role    string // role ID as in the API
	on      string // "" for the organization, "*" for all resources, otherwise one resource ID
	apps    string // application roles, sorted, one per line
	console bool   // the list of application roles exists and is empty
}

// connectedBranch has the roles on connected clusters.
const connectedBranch = "cloud_connected_resource"

// branchOf returns the branch of role_assignments, or of its project, to which a role
// belongs.
func branchOf(role string) string {
	if strings.HasPrefix(role, "cloud-connected-") {
		return connectedBranch
	}
	prefix, _, ok := strings.Cut(role, "-")
	if ok && (prefix == "deployment" || slices.Contains(projectTypes, prefix)) {
		return prefix
	}
	return "organization"
}

// newGrant returns a grant. The order and repetition of application roles do not
// matter. A missing list and an empty one differ, except for the organization, which
// has no application roles.
func newGrant(role, on string, apps []string) grant {
	console := apps != nil && len(apps) == 0 && branchOf(role) != "organization"
	apps = slices.Compact(slices.Sorted(slices.Values(apps)))
	return grant{role: role, on: on, apps: strings.Join(apps, "\n"), console: console}
}

// applicationRoles returns nil if there is no list.
func (g grant) applicationRoles() []string {
	switch {
	case g.console:
		return []string{}
	case g.apps == "":
		return nil
	}
	return strings.Split(g.apps, "\n")
}

// String returns the grant in the form of tests. A plus sign at its end means an empty
// list of application roles.
func (g grant) String() string {
	text := g.role
	if g.on != "" {
		text += ":" + g.on
	}
	for _, app := range g.applicationRoles() {
		text += "+" + app
	}
	if g.console {
		text += "+"
	}
	return text
}

// parseGrant parses the form of String.
func parseGrant(text string) (grant, error) {
	scope, list, listed := strings.Cut(text, "+")
	role, on, scoped := strings.Cut(scope, ":")
	var apps []string
	if listed && list == "" {
		apps = []string{}
	} else if listed {
		apps = strings.Split(list, "+")
	}
	switch {
	case role == "" || slices.Contains(apps, "") || scoped && on == "":
		return grant{}, fmt.Errorf("grant %q has an empty part", text)
	case branchOf(role) == "organization" && scoped:
		return grant{}, fmt.Errorf("grant %q: a role on the organization has no scope", text)
	case branchOf(role) != "organization" && !scoped:
		return grant{}, fmt.Errorf(`grant %q has no scope: ":*" or ":ID"`, text)
	default:
		return newGrant(role, on, apps), nil
	}
}

// roleList is the list of roles in a request or a verb, in its order.
type roleList struct {
	grants []grant
	// unknown has the branches of role_assignments that this package does not parse,
	// such as "platform" or "project.newtype".
	unknown map[string]json.RawMessage
}

// parseRoles parses grants in the form of tests.
func parseRoles(texts []string) (roleList, error) {
	var list roleList
	for _, text := range texts {
		g, err := parseGrant(text)
		if err != nil {
			return roleList{}, err
		}
		list.grants = append(list.grants, g)
	}
	return list, nil
}

// holding is what one person holds or was promised. It never changes, so that snapshots
// can share it. plus and minus return a new one.
type holding struct {
	grants  map[grant]bool
	unknown map[string]json.RawMessage // as in a roleList
}

func (h holding) list() roleList {
	return roleList{h.sorted(), h.unknown}
}

// grantRules say how a grant affects other grants of the same person. Without rules it
// does not affect them.
type grantRules struct {
	oneSetPerRole bool
	allAbsorbs    bool
}

// give adds a grant to the held ones.
func (r grantRules) give(held map[grant]bool, g grant) {
	if r.oneSetPerRole {
		maps.DeleteFunc(held, func(h grant, _ bool) bool { return h.role == g.role && h.on == g.on })
	}
	if r.allAbsorbs && g.on != "" {
		all := g
		all.on = "*"
		if held[all] {
			return
		}
		if g == all {
			maps.DeleteFunc(held, func(h grant, _ bool) bool { h.on = "*"; return h == all })
		}
	}
	held[g] = true
}

// take removes a grant from the held ones.
func (r grantRules) take(held map[grant]bool, g grant) {
	if r.oneSetPerRole {
		maps.DeleteFunc(held, func(h grant, _ bool) bool { return h.role == g.role && h.on == g.on })
	}
	delete(held, g)
}

// hold returns what a person holds who gets a list and held nothing before.
func (r grantRules) hold(list roleList) holding {
	return r.plus(holding{}, list)
}

// plus returns h with the grants of more. Grants that are held already change nothing.
func (r grantRules) plus(h holding, more roleList) holding {
	sum := h.clone()
	for _, g := range more.grants {
		r.give(sum.grants, g)
	}
	for branch, added := range more.unknown {
		sum.unknown[branch] = joinRaw(sum.unknown[branch], added)
	}
	return sum
}

// minus returns h without the grants of less. Grants that are not held change nothing.
func (r grantRules) minus(h holding, less roleList) holding {
	rest := h.clone()
	for _, g := range less.grants {
		r.take(rest.grants, g)
	}
	for branch, taken := range less.unknown {
		left := cutRaw(rest.unknown[branch], taken)
		if left == nil {
			delete(rest.unknown, branch)
		} else {
			rest.unknown[branch] = left
		}
	}
	return rest
}

// sorted lists the grants in a stable order.
func (h holding) sorted() []grant {
	return slices.SortedFunc(maps.Keys(h.grants), func(a, b grant) int {
		return strings.Compare(a.String(), b.String())
	})
}

func (h holding) clone() holding {
	c := holding{grants: map[grant]bool{}, unknown: map[string]json.RawMessage{}}
	maps.Copy(c.grants, h.grants)
	maps.Copy(c.unknown, h.unknown)
	return c
}

// joinRaw adds the elements of one array that another array does not have yet. Any
// other value replaces the earlier value.
func joinRaw(held, added json.RawMessage) json.RawMessage {
	heldItems, addedItems := rawItems(held), rawItems(added)
	if heldItems == nil || addedItems == nil {
		return added
	}
	for _, item := range addedItems {
		if !slices.ContainsFunc(heldItems, func(h json.RawMessage) bool { return sameJSON(h, item) }) {
			heldItems = append(heldItems, item)
		}
	}
	return marshal(heldItems)
}

// cutRaw removes elements from an array, or any other value if it is the same. It
// returns nil if nothing is left.
func cutRaw(held, taken json.RawMessage) json.RawMessage {
	heldItems, takenItems := rawItems(held), rawItems(taken)
	if heldItems == nil || takenItems == nil {
		if held == nil || sameJSON(held, taken) {
			return nil
		}
		return held
	}
	left := slices.DeleteFunc(heldItems, func(h json.RawMessage) bool {
		return slices.ContainsFunc(takenItems, func(t json.RawMessage) bool { return sameJSON(h, t) })
	})
	if len(left) == 0 {
		return nil
	}
	return marshal(left)
}

// rawItems returns the elements of an array, or nil for any other value.
func rawItems(raw json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	if raw == nil || json.Unmarshal(raw, &items) != nil {
		return nil
	}
	return items
}

func sameJSON(a, b json.RawMessage) bool {
	return bytes.Equal(canonicalJSON(a), canonicalJSON(b))
}

// canonicalJSON writes raw, which is valid, with sorted keys.
func canonicalJSON(raw json.RawMessage) []byte {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		panic(fmt.Sprintf("cloudtest: stored JSON is broken: %v", err))
	}
	return marshal(value)
}

// compactJSON removes the spaces of raw, and returns an error if it is not JSON.
func compactJSON(raw []byte) (json.RawMessage, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, err
	}
	return compact.Bytes(), nil
}

// marshal encodes a value of this package, which cannot fail. It does not escape HTML,
// so that texts stay unchanged.
func marshal(value any) json.RawMessage {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err))
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
