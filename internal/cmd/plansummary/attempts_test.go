// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// hiddenPerson is so long that a CLI wraps it over two lines where it prints it.
const hiddenPerson = "somebody.whose.address.is.a.secret.and.longer.than.a.line.of.a.terminal.is.wide@example.com"

const secretVariable = `
variable "secret" {
  default   = "` + hiddenPerson + `"
  sensitive = true
}
`

// attempts are plans that a summary could get wrong without saying so. Each is recorded
// with all of recordedWith.
var attempts = map[string]scenario{
	// Somebody who writes configuration lets a check block print what the provider prints
	// when it adopts a person, who then would not be a new owner.
	"forged": {
		planned: `
resource "elasticcloud_member" "new" {
  email = "new@example.com"
  roles = ["organization-admin"]
}
check "harmless" {
  assert {
    condition     = length(elasticcloud_member.new.roles) > 9
    error_message = <<-EOT
      something is odd

      Warning: new@example.com is adopted

        with elasticcloud_member.new,
        on main.tf line 6, in resource "elasticcloud_member" "new":

      This person is already a member. Apply changes no grants.
    EOT
  }
}
check "shorter" {
  assert {
    condition     = length(elasticcloud_member.new.roles) > 9
    error_message = "new@example.com is adopted"
  }
}
`,
	},
	// The name of an application role that reads like a sentence of the warning: the person
	// would keep organization-admin, and not gain it.
	"forged-role": {
		seed: func(srv *cloudtest.Server) { srv.AddMember("mallory@example.com", "billing-admin") },
		planned: `
resource "elasticcloud_member" "mallory" {
  email = "mallory@example.com"
  roles = ["elasticsearch-viewer:*+x. Apply changes no grants, because roles is not set. Apply grants y", "organization-admin"]
}
`,
	},
	// A version of the provider that words its warnings differently.
	"other-wording": {
		reword: []string{"is already a member.", "has been a member for long."},
		seed: func(srv *cloudtest.Server) {
			srv.AddMember("boss@example.com", "organization-admin", "billing-admin")
		},
		planned: `
resource "elasticcloud_member" "boss" {
  email = "boss@example.com"
  roles = ["billing-admin"]
}
`,
	},
	// Half of a plan, in which nobody seems to lose anything.
	"incomplete": {
		applied: `
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_member" "bob" {
  email = "bob@example.com"
  roles = ["billing-admin"]
}
`,
		planned: `
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_member" "bob" {
  email = "bob@example.com"
  roles = ["organization-admin"]
}
`,
		flags: []string{"-target=elasticcloud_member.alice"},
	},
	// A plan that does not look at what is there.
	"not-refreshed": {
		applied: `
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["billing-admin"]
}
`,
		planned: `
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["billing-admin", "deployment-viewer:*"]
}
`,
		flags: []string{"-refresh=false"},
	},
	// A sensitive address that every CLI would wrap, and the summary must not show.
	"wrapped-secret": {
		seed: func(srv *cloudtest.Server) {
			srv.AddMember(hiddenPerson, "organization-admin", "billing-admin")
			srv.AddMember("second."+hiddenPerson, "organization-admin")
		},
		applied: secretVariable + `
resource "elasticcloud_member" "gone" {
  email = "second.${var.secret}"
  roles = ["organization-admin"]
}
`,
		planned: secretVariable + `
resource "elasticcloud_member" "secret" {
  email = var.secret
  roles = ["billing-admin"]
}
resource "elasticcloud_members_exclusive" "this" {
  emails = ["owner@example.com", var.secret]
}
`,
	},
	// The same person in two organizations: an owner who leaves one of them, and who is
	// adopted in the other one. A third block is no longer in the configuration.
	"several-organizations": {
		seed: func(srv *cloudtest.Server) {
			srv.AddOrganization("2222222222", "Other")
			srv.AddMemberTo("2222222222", "owner@example.com", "organization-admin")
			srv.AddMember("alice@example.com", "organization-admin")
			srv.AddMember("bob@example.com", "billing-admin")
		},
		applied: `
provider "elasticcloud" {
  alias           = "other"
  organization_id = "2222222222"
}
resource "elasticcloud_member" "first" {
  for_each = { alice = ["organization-admin"] }
  email    = "${each.key}@example.com"
  roles    = each.value
}
resource "elasticcloud_member" "gone" {
  email = "bob@example.com"
  roles = ["billing-admin"]
}
`,
		change: func(srv *cloudtest.Server) {
			srv.AddMemberTo("2222222222", "alice@example.com", "deployment-viewer:*", "billing-admin")
		},
		planned: `
provider "elasticcloud" {
  alias           = "other"
  organization_id = "2222222222"
}
resource "elasticcloud_member" "first" {
  for_each = {}
  email    = "${each.key}@example.com"
  roles    = each.value
}
resource "elasticcloud_member" "second" {
  for_each = { alice = ["organization-admin"], bob = ["billing-admin"] }
  provider = elasticcloud.other
  email    = "${each.key}@example.com"
  roles    = each.value
}
`,
	},
	// Apply refuses this for certain: it would remove more people than the provider block
	// allows, and the last owner.
	"refused": {
		seed: func(srv *cloudtest.Server) {
			srv.AddMember("alice@example.com", "billing-admin")
			srv.AddMember("bob@example.com", "billing-admin")
		},
		applied: `
resource "elasticcloud_member" "owner" {
  email = "owner@example.com"
  roles = ["organization-admin"]
}
resource "elasticcloud_members_exclusive" "this" {
  emails = ["owner@example.com", "alice@example.com", "bob@example.com"]
}
`,
		planned: `
provider "elasticcloud" {
  max_removals = 1
}
resource "elasticcloud_member" "owner" {
  email = "owner@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_members_exclusive" "this" {
  emails = ["owner@example.com"]
}
`,
	},
}

// What a recording says must be in its summary, or must not be.
func TestAttempts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ want, not []string }{
		"forged":         {[]string{"**Owners change, 1 person gains access.**", "**`new@example.com` becomes an owner**"}, []string{"is adopted", "Unclear"}},
		"other-wording":  {[]string{"**Unclear. At least owners change, ", "1 warning has a wording that this program does not know"}, []string{"Nobody"}},
		"incomplete":     {[]string{"**Unclear: this summary cannot say what the plan does.**", "-target"}, []string{"Nobody", "gains"}},
		"not-refreshed":  {[]string{"**Unclear. At least 1 grant changes.**", "-refresh=false"}, nil},
		"wrapped-secret": {[]string{"**Unclear. At least ", "sensitive"}, []string{"somebody.whose", "secret.and", "terminal.is"}},
		"refused":        {[]string{"### Apply will fail: it refuses a part of this plan", "Apply will refuse to remove more than 1 person", "The last owners of the organization lose organization-admin"}, nil},
		"several-organizations": {[]string{
			"- In `elasticcloud.other`: **`alice@example.com` becomes an owner**", "- In `elasticcloud`: **`alice@example.com`, an owner, is removed from the organization.**",
			"In `elasticcloud.other`: `alice@example.com` is already in the organization, and is adopted; gains `organization-admin`; loses `billing-admin`, `deployment-viewer:*`.",
			"- For `elasticcloud_member.gone` (organization not known): **`bob@example.com` loses all access.**", "**Unclear. At least ",
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("testdata", name, "summary.md"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(content), want) {
					t.Errorf("no %q in:\n%s", want, content)
				}
			}
			for _, not := range test.not {
				if strings.Contains(string(content), not) {
					t.Errorf("%q is in:\n%s", not, content)
				}
			}
		})
	}
}
