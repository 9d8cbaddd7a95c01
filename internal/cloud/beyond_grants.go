// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// NoGrant is access that cannot be written as grants, or not completely. Each of its
// texts fits on one line. NoGrants compare with ==.
type NoGrant struct {
	// Scope is organization, deployment, a project type, cloud-connected, or the
	// service's name for a scope that this client does not know.
	Scope string
	// Role is the role ID, or empty if there is none.
	Role string
	// Assignment is the service's JSON. A long one is shortened and ends with a
	// checksum of the whole.
	Assignment string
}

// Beyond returns the access in the organization that cannot be written as grants, such
// as scopes that this client does not know. It is sorted and has each entry once.
func (r RoleAssignments) Beyond(organizationID string) []NoGrant {
	var beyond []NoGrant
	for name, value := range r.unknown {
		beyond = append(beyond, noGrants(name, value)...)
	}
	for kind, value := range r.unknownProjects {
		beyond = append(beyond, noGrants(kind, value)...)
	}
	for _, a := range r.assignments {
		if a.organizationID != "" && a.organizationID != organizationID {
			continue
		}
		scopes := 1
		if a.kind != "" && !a.all {
			scopes = len(a.ids)
		}
		if len(a.unknown) > 0 || len(a.grants(organizationID)) < scopes {
			// the service returns both in any order
			a.ids, a.applicationRoles = slices.Clone(a.ids), slices.Clone(a.applicationRoles)
			slices.Sort(a.ids)
			slices.Sort(a.applicationRoles)
			beyond = append(beyond, newNoGrant(cmp.Or(a.kind, "organization"), a.roleID, a.fields()))
		}
	}
	slices.SortFunc(beyond, func(a, b NoGrant) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Assignment, b.Assignment))
	})
	return slices.Compact(beyond)
}

// noGrants splits a branch that this client does not know into elements, if it looks
// like a known branch.
func noGrants(branch string, value json.RawMessage) []NoGrant {
	var elements []map[string]json.RawMessage
	isNull := func(element map[string]json.RawMessage) bool { return element == nil }
	if err := json.Unmarshal(value, &elements); err != nil || slices.ContainsFunc(elements, isNull) {
		return []NoGrant{newNoGrant(branch, "", value)}
	}
	var taken []NoGrant
	for _, fields := range elements {
		var role any
		if err := json.Unmarshal(fields["role_id"], &role); err != nil {
			role = nil // the value has no role
		}
		id, _ := role.(string)
		for _, name := range []string{"application_roles", "deployment_ids", "project_ids", "resource_ids"} {
			if list, found := fields[name]; found {
				fields[name] = inOrder(list)
			}
		}
		taken = append(taken, newNoGrant(branch, id, fields))
	}
	return taken
}

// inOrder sorts a list that the service returns in any order. It returns anything other
// than a list unchanged.
func inOrder(list json.RawMessage) json.RawMessage {
	var elements []json.RawMessage
	if err := json.Unmarshal(list, &elements); err != nil || elements == nil {
		return list
	}
	slices.SortFunc(elements, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	sorted, err := json.Marshal(elements)
	if err != nil {
		return list
	}
	return sorted
}

func newNoGrant(scope, role string, assignment any) NoGrant {
	oneLine := func(text string) string { return strings.ReplaceAll(Printable(text), "\n", " ") }
	text := printableJSON(assignment)
	if data, err := json.Marshal(assignment); err == nil && strings.HasSuffix(text, "...") { // as no JSON ends
		sum := sha256.Sum256(data)
		text += fmt.Sprintf(" (SHA-256 %x)", sum[:8]) // so that a change after the cut is visible
	}
	return NoGrant{Scope: oneLine(scope), Role: oneLine(role), Assignment: text}
}
