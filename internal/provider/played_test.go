// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// Terraform is played as it is: the same commands, with the CLI and without it,
// show the same plans and warn of the same things. A run of the other tests with
// -through-cli shows it of them all.
func TestPlayedAsTheCLI(t *testing.T) {
	t.Parallel()
	steps := playedSteps()
	played := make([]string, len(steps))
	t.Run("played", func(t *testing.T) {
		playing(t, func(t *testing.T) {
			srv := newPlayedOrganization(t)
			play(newTerraform(t, srv), srv, steps, played)
		})
	})
	srv := newPlayedOrganization(t)
	printed := make([]string, len(steps))
	play(newCLI(t, srv), srv, steps, printed)
	for i, s := range steps {
		if got, want := planIn(played[i]), planIn(printed[i]); got != want {
			t.Errorf("%s: played\n%s\nprinted\n%s", s.name, got, want)
		}
		for _, warning := range strings.Split(printed[i], "Warning: ")[1:] {
			if summary, _, _ := strings.Cut(warning, " with "); !strings.Contains(played[i], "Warning: "+summary) {
				t.Errorf("%s: not played: %s", s.name, summary)
			}
		}
	}
	wantText(t, strings.Join(played, "\n"), "(left over from a partially-failed replacement of this instance)", "due to changes in replace_triggered_by")
}

// playedStep is a plan, and the apply of it.
type playedStep struct {
	name, hcl string
	between   func(*cloudtest.Server)
	plan      []string
	fails     bool // the apply
}

func newPlayedOrganization(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := newFake(t, cloudtest.Plain())
	srv.AddMember("bob@example.com", "deployment-viewer:a", "deployment-viewer:b")
	srv.AddMember("erin@example.com", "billing-admin")
	return srv
}

func playedSteps() []playedStep {
	people := "resource \"elasticcloud_member\" \"list\" {\n  for_each = toset([\"x@example.com\", \"y@example.com\"])\n  email    = each.key\n  roles    = []\n}\n"
	bob := func(grants ...string) string { return member("bob", "bob@example.com", roles(grants...)) }
	first := func(replaces string, more ...string) string {
		return "resource \"terraform_data\" \"first\" {\n  triggers_replace = \"" + replaces + "\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n" +
			member("erin", "erin@example.com", append(more, "depends_on = [terraform_data.first]")...)
	}
	triggered := "resource \"terraform_data\" \"triggered\" {\n  lifecycle {\n    replace_triggered_by = [terraform_data.first]\n  }\n}\n"
	late := "resource \"terraform_data\" \"late\" { input = \"carol@example.com\" }\n"
	return []playedStep{
		{name: "create", hcl: people + bob("deployment-viewer:a", "deployment-viewer:c") + late +
			"resource \"elasticcloud_member\" \"carol\" {\n  email = terraform_data.late.output\n}\n"},
		{name: "no change", hcl: people + bob("deployment-viewer:c", "deployment-viewer:a") + late +
			"resource \"elasticcloud_member\" \"carol\" {\n  email = terraform_data.late.output\n}\n"},
		{name: "update, remove and import", hcl: people + bob("deployment-viewer:a", "billing-admin") +
			member("erin", "erin@example.com", roles("billing-admin")) + "import {\n  to = elasticcloud_member.erin\n  id = \"erin@example.com\"\n}\n"},
		{name: "drift and a list", hcl: people + bob("deployment-viewer:a", "billing-admin") + member("erin", "erin@example.com", roles("billing-admin")) +
			exclusive(`["owner@example.com", "bob@example.com", "erin@example.com", "x@example.com", "y@example.com"]`),
			between: func(srv *cloudtest.Server) { srv.Grant("bob@example.com", "organization-admin") }},
		{name: "a key goes", hcl: strings.Replace(people, `, "y@example.com"`, "", 1) + bob("deployment-viewer:a", "billing-admin") + member("erin", "erin@example.com", roles("billing-admin"))},
		{name: "one that is created first", hcl: people + bob("billing-admin") + first("1", roles("billing-admin")) + triggered},
		{name: "created first and not destroyed", hcl: people + bob("billing-admin") + first("2", roles("billing-admin", "deployment-viewer:a")) + triggered,
			between: func(srv *cloudtest.Server) { srv.Fail(cloudtest.Fault{Route: postRoles, Status: 400}) }, fails: true},
		{name: "left over", hcl: people + bob("billing-admin") + first("2", roles("billing-admin", "deployment-viewer:a")) + triggered},
		{name: "replace and move", hcl: people + member("robert", "robert@example.com", roles("billing-admin")) + member("erin", "erin@example.com", roles("billing-admin")) +
			"moved {\n  from = elasticcloud_member.bob\n  to   = elasticcloud_member.robert\n}\n"},
		{name: "replaced as requested", hcl: people + member("robert", "robert@example.com", roles("billing-admin")), plan: []string{"-replace=elasticcloud_member.robert"}},
		{name: "destroy", hcl: people + member("robert", "robert@example.com", roles("billing-admin")), plan: []string{"-destroy"}},
	}
}

// play fills in what each plan prints.
func play(tf terraform, srv *cloudtest.Server, steps []playedStep, printed []string) {
	for i, s := range steps {
		if s.between != nil {
			s.between(srv)
		}
		tf.configure(s.hcl)
		printed[i] = tf.must(append([]string{"plan", "-out=plan"}, s.plan...)...)
		if out, ok := tf.run("apply", "plan"); ok == s.fails {
			tf.t.Fatalf("%s: %s", s.name, out)
		}
	}
}

// planIn is the part of what was printed that says what changes.
func planIn(text string) string {
	if strings.Contains(text, "No changes.") {
		return "No changes."
	}
	if _, rest, found := strings.Cut(text, " will perform the following actions:"); found {
		text = rest
	}
	if i := strings.Index(text, "Plan: "); i >= 0 {
		if end := strings.Index(text[i:], "destroy."); end >= 0 {
			text = text[:i+end+len("destroy.")]
		}
	}
	return strings.TrimSpace(ownValues.ReplaceAllString(text, "…"))
}

// ownValues are times, and the IDs that the service and Terraform made.
var ownValues = regexp.MustCompile(`deposed object [0-9a-f]{8}|\d{4}-\d\d-\d\dT[\d:]+Z|[0-9a-f]{8}(-[0-9a-f]+){4}|\b\d{10}\b`)
