// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is the Terraform provider for who may do what in an Elastic
// Cloud organization. It decodes what Terraform sends, asks the package
// organization, and says what it found. It makes no call of its own.
//
// Files. A resource has <name>_resource.go (schema, model, and what Terraform calls
// in an apply) and <name>_plan.go (ModifyPlan). Beside them are <name>_list.go and
// <name>_data_source.go; actions and functions have a file each. The files of one
// resource may use each other; all others are used one way only, so that what is
// shared lies below what shares it:
//
//	server.go       the provider's server, which counts the calls in flight
//	provider.go     the provider block, and the list of all that there is
//	guard.go        around each call of those: another organization, errors told once
//	<name>_*.go     resources, data sources, lists, actions, functions
//	plan.go         begins every ModifyPlan; knows the ledger
//	conflicts.go    what two resources that fight are told
//	removals.go     people and role mappings that a list removes
//	owners.go       owners whom a plan demotes or removes
//	sign_in.go      what role mappings do to roles that a resource sets
//	run.go          one configured run, and what all resources share
//	told.go         errors that a run tells once
//	traffic.go      waiting for what Terraform asks next
//	totals.go       what a plan does in all: owners, removals, role mappings
//	ledger.go       what the resources of a run are for
//	entry.go        what one resource is for, and how two fight
//	identity.go     resource identities, and imports by them
//	memory.go       which organization a state is of
//	errors.go       what a failed call is told, with the way out
//	service_provider.go  Elastic Cloud as a SAML service provider, of two resources
//	attributes.go   attributes that several resources have
//	columns.go      rows of reports, and attributes that are reported
//	spelled.go      texts that compare by what they mean: email.go, domain.go,
//	                grant.go and pem.go are the notations
//	checks.go       checks of texts, as values
//	words.go        how grants and names read in a sentence; mapping_words.go how
//	                role mappings do
//	mapping_rule.go whom a role mapping applies to at a sign-in
//	strings.go      lists of strings in Terraform's values
//
// A plan. Terraform plans one resource after the other, in any order, and tells a
// provider of no other. So planned (plan.go) says what the plan does with a
// resource, and notes in the ledger of the run what the resource is for. The
// ledger returns the conflicts with what was noted before. What goes waits for what
// is planned at the same time (traffic.go), and notes for its apply what becomes of
// the object.
//
// An apply plans again what it changes, when more is known, and what the first
// plan knew has to stay so. Therefore a plan leaves unknown what may turn out
// otherwise, and spelling is treated in one way (planStep.set).
//
// What a run keeps. Access moves between resources: what one gives up another may
// have from now on. Apply sees only what changes. So a conflict with a resource that
// does not change is settled in the plan, and a removal waits in apply for what else
// the run gives. The package organization keeps what a run has made, and what removes
// it leaves it where it is. An object that create_before_destroy has left behind is
// not removed by a later run: see guard.go.
package provider
