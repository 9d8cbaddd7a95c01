// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// look notes why a plan and its events do not say everything. A summary must not be
// surer than what it was made from.
func (s *summary) look(in input, organizations organizations, own []ownWarning, doubtful []diagnostic, secrets secrets) {
	s.lookAtPlan(in)
	if each := organizations.each; len(each) > 0 && changesSomething(in.Plan) {
		s.doubt("The instances of a provider block with for_each cannot be told apart, and each may be for another organization: %s.", codes(each))
	}
	s.lookAtEvents(in)
	unknown := 0
	for _, w := range own {
		switch {
		case !w.read:
			unknown++
		case w.is(warning.NothingLookedUp):
			s.doubt("%sthe plan looked up nothing in Elastic Cloud. It shows no drift, and does not say who is adopted or removed.", w.in)
		case w.is(warning.PartialView):
			s.doubt("%sthe API key may not see everyone.", w.in)
		case w.isOneOf(warning.MembersUnknown, warning.PeopleUnknown, warning.MappingsUnknown, warning.ChangesUnknown):
			s.doubt("%s%s.", w.in, code(w.Summary))
		}
	}
	if unknown += len(doubtful); unknown > 0 {
		s.doubt("%s. Use the version of this program that belongs to the provider.",
			count(unknown, "warning has a wording that this program does not know, and is not used", "warnings have a wording that this program does not know, and are not used"))
	}
	if slices.ContainsFunc(own, secrets.hides) {
		s.doubt("Some warnings may contain sensitive values, and are not used.")
	}
	slices.Sort(s.doubts)
}

func (s *summary) lookAtPlan(in input) {
	if names := otherProviders(in.Plan); len(names) > 0 {
		s.doubt("Resources whose type begins with %s belong to another provider, and are not read: %s.", code(typePrefix), codes(names))
	}
	var deferred []string
	for _, rc := range in.DeferredChanges {
		if rc.ResourceChange != nil && isOurs(rc.ResourceChange.Address) {
			deferred = append(deferred, rc.ResourceChange.Address)
		}
	}
	switch {
	case len(deferred) > 0:
		slices.Sort(deferred)
		s.doubt("The plan leaves changes to a later run: %s.", codes(deferred))
	case isIncomplete(in):
		s.doubt("The plan is incomplete: it was made with -target or -exclude, or leaves changes to a later run.")
	}
	if in.errored {
		s.doubt("The plan ended with an error.")
	}
}

// isIncomplete reports whether the plan leaves something out. OpenTofu says so in its
// events only.
func isIncomplete(in input) bool {
	if in.Complete != nil && !*in.Complete {
		return true
	}
	return in.events != nil && slices.ContainsFunc(in.events.warnings, func(d diagnostic) bool {
		return d.Address == "" && d.Range == nil && d.Summary == targeting
	})
}

func (s *summary) lookAtEvents(in input) {
	switch e := in.events; {
	case e == nil && changesSomething(in.Plan):
		s.doubt("The events of the plan are missing (-events), and with them all its warnings.")
	case e == nil:
	case e.failed:
		s.doubt("The plan failed. Its log says why.")
	case !e.complete:
		s.doubt("The events end before the plan does.")
	case !e.refreshed && refreshes(in.Plan):
		s.doubt("The plan did not refresh the state (-refresh=false). It shows no drift.")
	}
}

// changesSomething reports whether the plan changes anything of this provider.
func changesSomething(plan *tfjson.Plan) bool {
	changes := func(rc *tfjson.ResourceChange) bool {
		return rc.Change != nil && isOurs(rc.Address) && !rc.Change.Actions.NoOp() && !rc.Change.Actions.Forget()
	}
	return slices.ContainsFunc(plan.ResourceChanges, changes) ||
		slices.ContainsFunc(plan.ActionInvocations, func(a *tfjson.ActionInvocation) bool { return isOurs(a.Address) })
}

// refreshes reports whether a plan with these resources refreshes one of them. It does not
// refresh those that it only takes out of the state.
func refreshes(plan *tfjson.Plan) bool {
	forgotten := map[string]bool{}
	for _, rc := range plan.ResourceChanges {
		forgotten[rc.Address] = rc.Change != nil && rc.Change.Actions.Forget()
	}
	return slices.ContainsFunc(resourcesBefore(plan), func(r *tfjson.StateResource) bool {
		return r.Mode == tfjson.ManagedResourceMode && strings.HasPrefix(r.Type, typePrefix) && !forgotten[r.Address]
	})
}
