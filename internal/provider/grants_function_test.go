// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
			`"deployment-viewer"`:                                                                             "roles must be a list of objects",
			`["deployment-viewer"]`:                                                                           "roles[0]: this must be an object with a role",
			`[{ all_resources = true }]`:                                                                      "roles[0]: role is missing",
			`[{ role = "billing-admin" }, { role = 5 }]`:                                                      "roles[1]: role has the wrong type",
			`[{ role = "a", all = true }]`:                                                                    `unknown field "all"`,
			`[{ role = "deployment-viewer" }]`:                                                                "deployment-viewer needs a scope",
			`[{ role = "billing-admin", all_resources = true}]`:                                               "takes no scope",
			`[{ role = "deployment-viewer", all_resources = true, resource_ids = ["a"] }]`:                    "has both all_resources and resource_ids",
			`[{ role = "deployment-viewer", resource_ids = ["a:b"] }]`:                                        "is not allowed in the ID",
			`[{ role = "deployment-viewer", resource_ids = ["a+b"] }]`:                                        "does not consist of a role ID and a resource ID",
			`[{ role = "deployment-viewer", resource_ids = ["*"] }]`:                                          "set all_resources = true",
			`[{ role = "deployment-viewer", resource_ids = ["a", "*"] }]`:                                     "set all_resources = true",
			`[{ role = "billing-admin", resource_ids = [""] }]`:                                               "contains an empty ID or null",
			`[{ role = "deployment-viewer", resource_ids = tolist(["a", null]) }]`:                            "contains an empty ID or null",
			`[{ role = "deployment-viewer", resource_ids = "a" }]`:                                            "resource_ids has the wrong type",
			`[{ role = "deployment-viewer", all_resources = true, application_roles = [""] }]`:                "contains an empty role or null",
			`[{ role = "deployment-viewer", all_resources = true, application_roles = tolist([null, "a"]) }]`: "contains an empty role or null",
		} {
			refuses(t, srv, member("alice", "alice@example.com", "roles = provider::elasticcloud::grants("+argument+")"), want)
		}
	})
}

func TestParseGrant(t *testing.T) {
	t.Parallel()
	for grant, want := range map[string]struct {
		role, scope, resource string
		roles                 []string
	}{
		"organization-admin":                        {"organization-admin", "organization", "", nil},
		"deployment-editor:*":                       {"deployment-editor", "deployment", "", nil},
		"deployment-editor:a":                       {"deployment-editor", "deployment", "a", nil},
		"elasticsearch-viewer:*+":                   {"elasticsearch-viewer", "elasticsearch", "", []string{}},
		"security-t1-analyst:b+reader+a%2Bb+reader": {"security-t1-analyst", "security", "b", []string{"a+b", "reader"}},
		"cloud-connected-admin:*":                   {"cloud-connected-admin", "cloud-connected", "", nil},
		"something-new":                             {"something-new", "organization", "", nil},
	} {
		got := parseGrant(t, grant)
		resource, roles := types.StringNull(), types.ListNull(types.StringType)
		if want.resource != "" {
			resource = types.StringValue(want.resource)
		}
		if want.roles != nil {
			roles = stringList(want.roles)
		}
		expected := types.ObjectValueMust(parsedGrantTypes, map[string]attr.Value{
			"role": types.StringValue(want.role), "scope": types.StringValue(want.scope), "resource_id": resource, "application_roles": roles,
		})
		if !got.Equal(expected) {
			t.Errorf("%s is %s, want %s", grant, got, expected)
		}
	}
}

func parseGrant(t *testing.T, grant string) types.Object {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(types.ObjectUnknown(parsedGrantTypes))}
	newParseGrantFunction().Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData([]attr.Value{types.StringValue(grant)})}, &resp)
	if resp.Error != nil {
		t.Fatal(resp.Error)
	}
	object, _ := resp.Result.Value().(types.Object)
	return object
}

func TestParseGrantBadInput(t *testing.T) {
	t.Parallel()
	for grant, want := range map[string]string{
		"deployment-editor":         "needs a scope",
		"elasticsearch-viewer:*+a+": "an application role is missing after the +",
		"elasticsearch-viewer:*++":  "an application role is missing after the +",
		"":                          "the role is missing",
	} {
		resp := function.RunResponse{Result: function.NewResultData(types.ObjectUnknown(parsedGrantTypes))}
		newParseGrantFunction().Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData([]attr.Value{types.StringValue(grant)})}, &resp)
		if resp.Error == nil || !strings.Contains(resp.Error.Error(), want) {
			t.Errorf("%q: %v, want %q", grant, resp.Error, want)
		}
	}
}
