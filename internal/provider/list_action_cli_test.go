// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

func TestQueryStep(t *testing.T) {
	t.Parallel()
	testneeds.Query(t)
	srv := inEveryPlace(t)
	const all = "elasticcloud_member.all"
	identity := map[string]knownvalue.Check{"organization_id": knownvalue.StringExact(srv.OrganizationID), "email": knownvalue.StringExact("alice@example.com")}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: config(srv, member("alice", "alice@example.com"))},
			{
				Query: true,
				Config: `
					list "elasticcloud_member" "all" {
						provider         = elasticcloud
						include_resource = true
					}
					list "elasticcloud_member" "expired" {
						provider = elasticcloud
						config {
							status = "expired"
						}
					}`,
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 6),
					querycheck.ExpectLength("elasticcloud_member.expired", 1),
					querycheck.ExpectIdentity(all, identity),
					querycheck.ExpectResourceDisplayName(all, queryfilter.ByResourceIdentity(identity), knownvalue.StringExact("alice@example.com (active)")),
					querycheck.ExpectResourceKnownValues(all, queryfilter.ByResourceIdentity(identity), []querycheck.KnownValueCheck{
						{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("active")},
						{Path: tfjsonpath.New("roles"), KnownValue: knownvalue.SetSizeExact(3)},
					}),
				},
			},
		},
	})
}

var onlyImports = regexp.MustCompile(`Plan: [1-9][0-9]* to import, 0 to add, 0 to change, 0 to destroy`)

// What the examples of lists find is adopted with the configuration that is
// generated for it.
func TestQueryExamples(t *testing.T) {
	t.Parallel()
	testneeds.Query(t)
	for _, file := range exampleFiles(t, "list-resources/*/*.tfquery.hcl") {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			srv := exampleOrganization(t)
			tf := example(t, srv, path.Dir(file))
			out := tf.must("query", "-generate-config-out=generated.tf")
			for _, b := range blocksOf(t, file, "list") {
				wantText(t, out, strings.Join(append([]string{"list"}, b.Labels...), "."))
			}
			if plan := tf.must("plan"); !onlyImports.MatchString(plan) {
				t.Errorf("the plan is not of imports alone:\n%s", plan)
			}
			wantWrites(t, srv)
			tf.must("apply", "-auto-approve")
			wantWrites(t, srv)
			wantText(t, tf.must("plan"), "No changes.")
		})
	}
}

func TestActionExamples(t *testing.T) {
	t.Parallel()
	testneeds.Query(t)
	says := map[string][]string{
		resend: {"carol@example.com gets a new invitation by e-mail", "carol@example.com: the new invitation is sent, and valid until "},
		revoke: {"bob@example.com loses access to the organization", "bob@example.com: no longer has access"},
	}
	for _, file := range exampleFiles(t, "actions/*/*.tf") {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			for _, b := range blocksOf(t, file, "action") {
				srv := exampleOrganization(t)
				out := example(t, srv, path.Dir(file)).must("apply", "-auto-approve", "-invoke=action."+strings.Join(b.Labels, "."))
				wantText(t, out, says[b.Labels[0]]...)
				wantDone(t, srv, b.Labels[0])
			}
			if len(blocksOf(t, file, "resource")) == 0 {
				return
			}
			srv := exampleOrganization(t)
			tf := example(t, srv, path.Dir(file))
			tf.must("apply", "-auto-approve") // which triggers it
			wantDone(t, srv, path.Base(path.Dir(file)))
			wantText(t, tf.must("plan"), "No changes.")
		})
	}
}
