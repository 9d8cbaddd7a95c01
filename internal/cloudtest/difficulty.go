// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// writer writes stored things into a reply. Unless it is plain, it chooses at random,
// each time, among all forms that mean the same. So a client must not depend on
// anything but the meaning of a reply.
type writer struct {
	plain bool
	// absentAsEmpty and emptyAsAbsent show a missing list of application roles and an
	// empty one alike.
	absentAsEmpty, emptyAsAbsent bool
	certificateForm              CertificateForm
	addressForm                  AddressForm
	lowerPatterns                bool // of e-mail addresses

	rng *rand.Rand
}

func (w writer) coin() bool {
	return !w.plain && w.rng.IntN(2) == 0
}

// shuffle changes the order of a list of a reply.
func shuffle[T any](w writer, list []T) []T {
	if !w.plain {
		w.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list
}

// mixCase changes the case of letters. The case does not matter in an e-mail address or
// a domain.
func (w writer) mixCase(name string) string {
	if w.plain {
		return name
	}
	switch w.rng.IntN(4) {
	case 0:
		return name
	case 1:
		return upper(name, func(int) bool { return true })
	case 2:
		return upper(name, func(i int) bool { return i == 0 })
	default:
		return upper(name, func(int) bool { return w.coin() })
	}
}

// upper writes some letters in upper case. It skips letters outside ASCII, because for
// some of them the change cannot be reversed.
func upper(text string, which func(i int) bool) string {
	letters := []byte(text)
	for i, c := range letters {
		if 'a' <= c && c <= 'z' && which(i) {
			letters[i] = c - 'a' + 'A'
		}
	}
	return string(letters)
}

// applicationRoles returns nil if a reply shows no list. On the organization, that
// means the same as an empty list.
func (w writer) applicationRoles(g grant) *[]string {
	roles := g.applicationRoles()
	if len(roles) == 0 {
		shown := g.console
		switch {
		case branchOf(g.role) == "organization":
			shown = w.coin()
		case w.absentAsEmpty:
			shown = true
		case w.emptyAsAbsent:
			shown = false
		}
		if !shown {
			return nil
		}
		roles = []string{}
	}
	roles = shuffle(w, roles)
	return &roles
}

// roles writes a holding as role_assignments, or nil to omit the field. It uses maps,
// because some branches have no struct.
func (w writer) roles(h holding, organizationID string) map[string]any {
	branches := map[string]any{}
	projects := map[string]any{}
	for branch, raw := range h.unknown {
		if projectType, ok := strings.CutPrefix(branch, "project."); ok {
			projects[projectType] = raw
		} else {
			branches[branch] = raw
		}
	}
	byBranch := map[string][]assignment{}
	for _, a := range w.group(h) {
		branch := branchOf(a.roleID)
		a.organizationID = organizationID
		byBranch[branch] = append(byBranch[branch], a)
	}
	put := func(into map[string]any, branch string, items any, length int) {
		if length > 0 || w.coin() {
			into[branch] = items
		}
	}
	organization := []organizationAssignment{}
	for _, a := range shuffle(w, byBranch["organization"]) {
		organization = append(organization, organizationAssignment{a.roleID, a.organizationID, a.applicationRoles})
	}
	put(branches, "organization", organization, len(organization))
	deployment := []deploymentAssignment{}
	for _, a := range shuffle(w, byBranch["deployment"]) {
		deployment = append(deployment, deploymentAssignment{a.roleID, a.organizationID, a.all, a.ids, a.applicationRoles})
	}
	put(branches, "deployment", deployment, len(deployment))
	connected := []connectedAssignment{}
	for _, a := range shuffle(w, byBranch[connectedBranch]) {
		connected = append(connected, connectedAssignment{a.roleID, a.organizationID, a.all, a.ids})
	}
	if len(connected) > 0 {
		branches[connectedBranch] = connected
	}
	for _, projectType := range projectTypes {
		project := []projectAssignment{}
		for _, a := range shuffle(w, byBranch[projectType]) {
			project = append(project, projectAssignment{a.roleID, a.organizationID, a.all, a.ids, a.applicationRoles})
		}
		put(projects, projectType, project, len(project))
	}
	put(branches, "project", projects, len(projects))
	if len(branches) == 0 && !w.coin() {
		return nil
	}
	return branches
}

// group groups grants into assignments. Grants on single resources with the same role
// and application roles may share an assignment, have one each, or anything in between.
func (w writer) group(h holding) []assignment {
	var assignments []assignment
	ids := map[grant][]string{} // by the grant without its resource
	for _, g := range h.sorted() {
		switch g.on {
		case "":
			assignments = append(assignments, assignment{roleID: g.role, applicationRoles: w.applicationRoles(g)})
		case "*":
			yes := true
			assignments = append(assignments, assignment{roleID: g.role, all: &yes, applicationRoles: w.applicationRoles(g)})
		default:
			key := g
			key.on = ""
			ids[key] = append(ids[key], g.on)
		}
	}
	for _, g := range slices.SortedFunc(maps.Keys(ids), func(a, b grant) int { return strings.Compare(a.String(), b.String()) }) {
		for _, part := range w.split(ids[g]) {
			a := assignment{roleID: g.role, ids: &part, applicationRoles: w.applicationRoles(g)}
			if w.coin() {
				no := false
				a.all = &no
			}
			assignments = append(assignments, a)
		}
	}
	return assignments
}

// split splits a list: not at all, into single items, or at random places.
func (w writer) split(items []string) [][]string {
	items = shuffle(w, items)
	if w.plain {
		return [][]string{items}
	}
	mode := w.rng.IntN(3)
	parts := [][]string{{items[0]}}
	for _, item := range items[1:] {
		last := len(parts) - 1
		if mode == 0 || mode == 2 && w.coin() {
			parts[last] = append(parts[last], item)
		} else {
			parts = append(parts, []string{item})
		}
	}
	return parts
}
