// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is the Terraform provider for the access to an Elastic Cloud
// organization. It decodes the requests of Terraform, calls the package organization, and
// reports the results. It never calls the API directly.
//
// Files. A resource has <name>_resource.go (schema, model, and what Terraform calls
// in an apply) and <name>_plan.go (ModifyPlan). Some have <name>_list.go and
// <name>_data_source.go too. Each action and function has one file. The files of one
// resource may use each other. All other files only use files below them in this list:
//
//	server.go       the provider's server, which counts the calls in flight
//	provider.go     the provider block, and the list of all resources and so on
//	guard.go        wraps each call of those: another organization, errors reported once
//	<name>_*.go     resources, data sources, lists, actions, functions
//	plan.go         begins every ModifyPlan; knows the ledger
//	conflicts.go    messages for two resources in conflict
//	removals.go     people and role mappings that a list removes
//	owners.go       owners whom a plan demotes or removes
//	sign_in.go      how role mappings change roles that a resource sets
//	run.go          one configured run, which all resources share
//	told.go         errors that a run reports once
//	traffic.go      waits for the next request of Terraform
//	totals.go       totals of a plan: owners, removals, role mappings
//	ledger.go       which objects the resources of a run manage
//	entry.go        the object of one resource, and the kinds of conflict
//	identity.go     resource identities, and imports by them
//	memory.go       the organization of a state
//	errors.go       the message of a failed call, with what to do
//	service_provider.go  Elastic Cloud as a SAML service provider, for two resources
//	attributes.go   attributes that several resources have
//	columns.go      rows of reports, and attributes that are reported
//	spelled.go      texts that compare by meaning: email.go, domain.go,
//	                grant.go and pem.go are the notations
//	checks.go       checks of texts, as values
//	words.go        grants and names in a sentence; mapping_words.go has role mappings
//	mapping_rule.go whom a role mapping applies to at a sign-in
//	strings.go      lists of strings in Terraform's values
//
// A plan. Terraform plans one resource at a time, in any order, and does not show a
// provider the others. So planned (plan.go) finds what the plan does with a resource, and
// notes in the ledger of the run which object the resource manages. The ledger returns
// the conflicts with earlier entries. A resource that is destroyed waits until the others
// are planned (traffic.go), and notes for its apply what happens to the object.
//
// An apply plans each change again, with more values known. What the first plan knew must
// not change then. Therefore a plan leaves a value unknown if it may still change, and
// all resources treat spelling in the same way (planStep.set).
//
// What a run keeps. Access moves between resources: one resource gives it up and another
// one takes it. Apply sees only resources that change. So the plan settles conflicts with
// resources that do not change. In apply, a removal waits for the other changes of the run.
// The package organization keeps what a run has created: a removal leaves it unchanged. A
// later run does not remove an object that create_before_destroy has left: see guard.go.
package provider
