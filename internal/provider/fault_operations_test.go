// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// wholeRun is longer than any run takes.
const wholeRun = time.Hour

// fault is one way in which the service fails.
type fault struct {
	name   string
	column string // in the table
	fails  cloudtest.Fault
	writes bool          // of calls that write, since for others it is like another one
	lag    time.Duration // of lists, in place of a call that fails
	// retryAfter is what the header says, where there is one.
	retryAfter func(now time.Time) string
}

// columns are the groups of faults in the table.
var columns = []string{"429", "5xx, not done", "5xx, done", "dropped, not done", "dropped, done", "cut", "no JSON", "hangs", "acknowledged, not done", "done in part", "401", "403", "lists lag"}

// allFaults are those that come once, and those that stay until the run ends.
func allFaults() []fault {
	text := func(value string) func(time.Time) string { return func(time.Time) string { return value } }
	in := func(d time.Duration) func(time.Time) string {
		return func(now time.Time) string { return now.Add(d).UTC().Format(http.TimeFormat) }
	}
	html := cloudtest.Fault{Body: "<html><body>Sign in to the network</body></html>", ContentType: "text/html"}
	htmlDone := html
	htmlDone.After = true
	single := []fault{
		{name: "429", column: "429", fails: cloudtest.Fault{Status: 429}},
		{name: "429, Retry-After 0", column: "429", fails: cloudtest.Fault{Status: 429}, retryAfter: text("0")},
		{name: "429, Retry-After 1", column: "429", fails: cloudtest.Fault{Status: 429}, retryAfter: text("1")},
		{name: "429, Retry-After an hour", column: "429", fails: cloudtest.Fault{Status: 429}, retryAfter: text("3600")},
		{name: "429, Retry-After a past date", column: "429", fails: cloudtest.Fault{Status: 429}, retryAfter: in(-time.Minute)},
		{name: "429, Retry-After a near date", column: "429", fails: cloudtest.Fault{Status: 429}, retryAfter: in(2 * time.Second)},
		{name: "500", column: "5xx, not done", fails: cloudtest.Fault{Status: 500}},
		{name: "502", column: "5xx, not done", fails: cloudtest.Fault{Status: 502}},
		{name: "503", column: "5xx, not done", fails: cloudtest.Fault{Status: 503}},
		{name: "500 after", column: "5xx, done", fails: cloudtest.Fault{Status: 500, After: true}, writes: true},
		{name: "dropped", column: "dropped, not done", fails: cloudtest.Fault{Drop: true}},
		{name: "dropped after", column: "dropped, done", fails: cloudtest.Fault{Drop: true, After: true}, writes: true},
		{name: "cut", column: "cut", fails: cloudtest.Fault{Cut: true}},
		{name: "HTML", column: "no JSON", fails: html},
		{name: "HTML after", column: "no JSON", fails: htmlDone, writes: true},
		{name: "hangs", column: "hangs", fails: cloudtest.Fault{Hang: time.Minute}},
		{name: "hangs after", column: "hangs", fails: cloudtest.Fault{Hang: time.Minute, After: true}, writes: true},
		{name: "acknowledged", column: "acknowledged, not done", fails: cloudtest.Fault{Undone: true}, writes: true},
		{name: "acknowledged in part", column: "done in part", fails: cloudtest.Fault{Part: true}, writes: true},
	}
	faults := []fault{
		{name: "401 from then on", column: "401", fails: cloudtest.Fault{Status: 401, Times: -1, Spread: true}},
		{name: "403 from then on", column: "403", fails: cloudtest.Fault{Status: 403, Times: -1, Spread: true}},
		{name: "lists lag a moment", column: "lists lag", lag: 20 * time.Millisecond},
		{name: "lists lag for the whole run", column: "lists lag", lag: wholeRun},
	}
	for _, f := range single {
		faults = append(faults, f)
		f.name += ", lasting"
		f.fails.Times = -1
		faults = append(faults, f)
	}
	return faults
}

// operation is what one run does to one resource, in an organization with
// others that it has nothing to do with.
type operation struct {
	resource string
	kind     string // create, read, update, delete or import
	name     string
	alone    string // members: no elasticcloud_member beside it; mappings: no mapping

	seed    func(srv *cloudtest.Server)
	before  map[string]block // applied first
	between func(srv *cloudtest.Server)
	after   map[string]block // applied with the fault

	importsBefore, imports map[string]string // address to import ID; "" is the organization's

	want  map[string]string   // what the service has afterwards in addition; "" is nothing
	keeps map[string][]string // what it holds at every moment
	names []string            // one of which an error has
	// forgets is what it holds instead where an error says that something cannot
	// be given again.
	forgets map[string]string
	check   func(s *scene) error
}

const (
	otherMember  = "other member"
	otherMapping = "other mapping"
)

func allOperations(t *testing.T) []*operation {
	t.Helper()
	var all []*operation
	for _, of := range []struct {
		resource   string
		operations []operation
	}{
		{"elasticcloud_member", memberOperations()},
		{"elasticcloud_role_assignment", assignmentOperations()},
		{"elasticcloud_members", membersOperations()},
		{"elasticcloud_members_exclusive", exclusiveOperations()},
		{"elasticcloud_domain_claim", claimOperations()},
		{"elasticcloud_domain_verification", verificationOperations()},
		{"elasticcloud_saml_idp", idpOperations(t)},
		{"elasticcloud_saml_service_provider", serviceProviderOperations()},
		{"elasticcloud_role_mapping", mappingOperations()},
		{"elasticcloud_role_mappings_exclusive", onlyMappingsOperations()},
		{"elasticcloud_sso_enforcement", enforcementOperations()},
	} {
		for _, o := range of.operations {
			o.resource = of.resource
			o.kind, _, _ = strings.Cut(o.name, ",")
			all = append(all, &o)
		}
	}
	return all
}

var (
	ownersOnly = mappingWords(true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
	othersOnly = mappingWords(true, cloudtest.AnyOf(cloudtest.Group("others")), "deployment-viewer:*")
)

// seedAll is an organization with an owner and others whom nobody manages: one
// has a grant that the provider does not know, one has not joined.
func (o *operation) seedAll(srv *cloudtest.Server) {
	srv.AddMember("owner@example.com", "organization-admin")
	srv.AddMember("dora@example.com", "billing-admin")
	srv.AddMember("erin@example.com", "deployment-viewer:e")
	srv.AddUnknownAssignment("erin@example.com", "connected_cluster", `[{"role_id":"x"}]`)
	srv.AddInvitation("frank@example.com", "deployment-viewer:f")
	if o.alone != "mappings" {
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
	}
	if o.seed != nil {
		o.seed(srv)
	}
}

// others are resources of the same configuration that nothing happens to.
func (o *operation) others() map[string]block {
	others := map[string]block{}
	if o.alone != "members" {
		others[otherMember] = memberBlock("dora@example.com", "billing-admin")
	}
	if o.alone != "mappings" {
		others[otherMapping] = mappingBlock("others", "others", "deployment-viewer:*")
	}
	return others
}

func (o *operation) configuration(own map[string]block) map[string]block {
	all := o.others()
	maps.Copy(all, own)
	return all
}

func (o *operation) importsOf(srv *cloudtest.Server, before bool) map[string]string {
	imports := maps.Clone(o.imports)
	if before {
		imports = maps.Clone(o.importsBefore)
	}
	for address, id := range imports {
		if id == "" {
			imports[address] = srv.OrganizationID
		}
	}
	return imports
}

// wanted is all that the service should hold in the end.
func (o *operation) wanted() map[string]string {
	all := map[string]string{
		"owner@example.com": "active organization-admin",
		"dora@example.com":  "active billing-admin",
		"erin@example.com":  "active deployment-viewer:e connected_cluster",
		"frank@example.com": "invited deployment-viewer:f",
	}
	if o.alone != "mappings" {
		all["mapping owners"] = ownersOnly
		all["mapping others"] = othersOnly
	}
	for name, held := range o.want {
		all[name] = held
		if held == "" {
			delete(all, name)
		}
	}
	return all
}

// namesInErrors are the names of the objects that a call can be about: one of
// them is in each error.
func (o *operation) namesInErrors() []string {
	names := append([]string{"Could not find the organization"}, o.names...)
	if o.alone != "members" {
		names = append(names, "dora@example.com")
	}
	if o.alone != "mappings" {
		names = append(names, `"others"`)
	}
	return names
}

func memberBlock(email string, grants ...string) block {
	return block{Type: "elasticcloud_member", Attributes: map[string]any{"email": email, "roles": grants}}
}

func mappingBlock(name, group string, grants ...string) block {
	return block{Type: "elasticcloud_role_mapping", Attributes: map[string]any{"name": name, "enabled": true, "rule": inGroup(group), "roles": grants}}
}
