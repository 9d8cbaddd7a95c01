// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

func TestGrantsFunction(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	want := knownvalue.SetExact([]knownvalue.Check{
		knownvalue.StringExact("billing-admin"), knownvalue.StringExact("deployment-viewer:*"),
		knownvalue.StringExact("deployment-editor:a"), knownvalue.StringExact("deployment-editor:b"),
		knownvalue.StringExact("elasticsearch-viewer:*+analyst+c%2B%2B"),
	})
	runSteps(t, srv, resource.TestStep{
		Config: `
output "mixed" {
  value = provider::elasticcloud::grants([
    { role = "billing-admin" },
    { role = "deployment-viewer", all_resources = true },
    { role = "deployment-viewer", all_resources = true },
    { role = "deployment-editor", resource_ids = ["a", "b"], all_resources = false },
    { role = "elasticsearch-viewer", all_resources = true, application_roles = toset(["c++", "analyst"]) },
  ])
}
variable "roles" {
  type = list(object({
    role              = string
    all_resources     = optional(bool)
    resource_ids      = optional(list(string))
    application_roles = optional(set(string))
  }))
  default = [
    { role = "billing-admin" },
    { role = "deployment-viewer", all_resources = true, resource_ids = [], application_roles = null },
    { role = "deployment-editor", resource_ids = ["a", "b"] },
    { role = "elasticsearch-viewer", all_resources = true, application_roles = ["c++", "analyst"] },
  ]
}
output "list" {
  value = provider::elasticcloud::grants(var.roles)
}
output "empty" {
  value = provider::elasticcloud::grants([{ role = "deployment-viewer", all_resources = true, application_roles = [] }])
}
output "none" {
  value = provider::elasticcloud::grants([])
}
`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("mixed", want),
			statecheck.ExpectKnownOutputValue("list", want),
			statecheck.ExpectKnownOutputValue("empty", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("deployment-viewer:*+")})),
			statecheck.ExpectKnownOutputValue("none", knownvalue.SetExact(nil)),
		},
	})
}

// What is not known at plan is known after apply.
func TestGrantsFunctionWithUnknowns(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		playRun(t, srv, resource.TestStep{Config: `
resource "terraform_data" "deployment" { input = "a" }
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = provider::elasticcloud::grants([{ role = "deployment-viewer", resource_ids = [terraform_data.deployment.output] }, { role = "billing-admin" }])
}
resource "elasticcloud_member" "bob" {
  email = "bob@example.com"
  roles = ["deployment-viewer:${terraform_data.deployment.output}"]
}
`})
		wantMails(t, srv, 2)
	})
}

func TestGrantsFunctionRefuses(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		for argument, want := range map[string]string{
			`"deployment-viewer"`:                                                          "roles must be a list of objects",
			`["deployment-viewer"]`:                                                        "roles[0]: this is no object with a role",
			`[{ all_resources = true }]`:                                                   "roles[0]: role is missing",
			`[{ role = "billing-admin" }, { role = 5 }]`:                                   "roles[1]: role has the wrong type",
			`[{ role = "a", all = true }]`:                                                 `unknown field "all"`,
			`[{ role = "deployment-viewer" }]`:                                             "deployment-viewer needs a scope",
			`[{ role = "billing-admin", all_resources = true}]`:                            "takes no scope",
			`[{ role = "deployment-viewer", all_resources = true, resource_ids = ["a"] }]`: "has both all_resources and resource_ids",
			`[{ role = "deployment-viewer", resource_ids = ["a:b"] }]`:                     "cannot stand in the ID",
			`[{ role = "deployment-viewer", resource_ids = ["a+b"] }]`:                     "is no role ID and resource ID",
			`[{ role = "deployment-viewer", resource_ids = ["*"] }]`:                       "set all_resources = true",
			`[{ role = "deployment-viewer", resource_ids = ["a", "*"] }]`:                  "set all_resources = true",
			`[{ role = "billing-admin", resource_ids = [""] }]`:                            "has an empty ID or null in it",
			`[{ role = "deployment-viewer", resource_ids = tolist(["a", null]) }]`:         "has an empty ID or null in it",
			`[{ role = "deployment-viewer", resource_ids = "a" }]`:                         "resource_ids has the wrong type",
		} {
			refuses(t, srv, member("alice", "alice@example.com", "roles = provider::elasticcloud::grants("+argument+")"), want)
		}
	})
}
