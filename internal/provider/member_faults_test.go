// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// An update fails after a part is done: the state has the present access, and the next apply
// completes the change.
func TestMemberUpdateFailsHalfWay(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:a", "deployment-viewer:b")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:a", "deployment-viewer:b")))
		tf.must("apply", "-auto-approve")
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:b", "deployment-viewer:c")))
		srv.Fail(cloudtest.Fault{Route: dropRoles, Status: 403, Code: "role_assignments.unauthorized_role_assignments", Message: "You may not take this away"})
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Could not change alice@example.com", "You may not take this away (role_assignments.unauthorized_role_assignments)",
			"DELETE /users/{user_id}/role_assignments answered 403 Forbidden", "the API key lacks the role organization-admin")
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:a", "deployment-viewer:b", "deployment-viewer:c")
		wantText(t, tf.must("plan", "-refresh=false"), `- "deployment-viewer:a",`, "1 to change")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:b", "deployment-viewer:c")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A creation that fails after a part is done taints nothing: the next apply adopts the
// person, and removes nobody.
func TestMemberCreateFailsHalfWay(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:a")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:b")))
		srv.Fail(cloudtest.Fault{Route: dropRoles, Status: 403, Code: "x", Message: "no"})
		if out, ok := tf.run("apply", "-auto-approve"); ok {
			t.Errorf("apply succeeded: %s", out)
		}
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:b")
		if n := srv.Count(dropMem); n != 0 {
			t.Error("alice was removed on the way")
		}
	})
}

// The answer to an invitation is lost: it is looked for, not sent again.
func TestMemberInvitationAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"dropped":      {Route: postInv, Drop: true, After: true},
		"server error": {Route: postInv, Status: 502, After: true},
		"cut":          {Route: postInv, Cut: true, After: true},
		"not sent":     {Route: postInv, Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				srv.Fail(fault)
				playRun(t, srv,
					resource.TestStep{Config: member("alice", "alice@example.com", roles("deployment-viewer:*"))},
					resource.TestStep{Config: member("alice", "alice@example.com", roles("deployment-viewer:*")), ConfigPlanChecks: emptyPlan},
				)
				wantMails(t, srv, 1)
			})
		})
	}
}

// The list fails: nobody is taken for gone.
func TestMemberListFails(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		srv.Fail(cloudtest.Fault{Route: getMem, Status: 404, Code: "organization.not_found", Message: "no such organization"})
		out, ok := tf.run("plan")
		if ok {
			t.Error("plan succeeded")
		}
		wantText(t, out, "Could not look up alice@example.com", "no such organization (organization.not_found)", srv.OrganizationID)
		wantText(t, tf.must("plan"), "No changes.")
	})
}

func TestMemberKeyMayOnlyRead(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.ReadOnlyKey())
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com"))
		tf.must("plan")
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Could not add alice@example.com to the organization", "answered 403", "organization-admin")
	})
}

// Many people at once, and one of them is refused: the others are there.
func TestMemberOneOfManyFails(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.StopDeployment("stopped")
		tf := newTerraform(t, srv)
		tf.configure(`
resource "elasticcloud_member" "all" {
  for_each = { for i in range(8) : "p${i}@example.com" => i == 3 ? "deployment-viewer:stopped" : "deployment-viewer:ok" }
  email    = each.key
  roles    = [each.value]
}
`)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Could not add p3@example.com to the organization", "stopped, hidden or deleted")
		wantMails(t, srv, 7)
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
	})
}

// Neither the API key nor an invitation's token shows anywhere.
func TestSecretsShowNowhere(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.AddInvitation("bob@example.com", "deployment-viewer:a")
	log := filepath.Join(t.TempDir(), "trace.log")
	tf := newCLI(t, srv, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	var seen strings.Builder
	both := func(aliceRole, bobRole string) string {
		return providerBlock("max_retries = 1") +
			member("alice", "alice@example.com", roles(aliceRole)) + member("bob", "bob@example.com", roles(bobRole))
	}
	run := func(args ...string) {
		out, _ := tf.run(args...)
		seen.WriteString(out)
	}
	tf.configure(both("deployment-viewer:a", "deployment-viewer:b"))
	run("plan", "-out=plan")
	run("show", "-json", "plan")
	run("apply", "plan")
	tf.configure(both("deployment-viewer:b", "deployment-viewer:c"))
	// the service repeats the token in its answer, the connection breaks with
	// the token in the URL
	srv.Fail(cloudtest.Fault{Route: dropInv, Times: -1, Drop: true})
	run("apply", "-auto-approve")
	srv.ClearFaults()
	open := strings.Join(srv.Tokens()[1:], " or ") // but bob's first, which is revoked
	srv.Fail(cloudtest.Fault{Route: dropInv, Times: -1, Status: 400, Code: "x", Message: "invitation " + open + " is odd; your key is " + srv.Key})
	run("apply", "-auto-approve")
	srv.ClearFaults()
	run("apply", "-auto-approve")
	run("plan", "-refresh-only")
	run("show", "-json")
	run("destroy", "-auto-approve")

	files, err := filepath.Glob(filepath.Join(tf.workspace.Dir, "*tfstate*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no state: %v", err)
	}
	for _, file := range append(files, log) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		seen.Write(content)
	}
	text := seen.String()
	if tokens := srv.Tokens(); len(tokens) < 4 {
		t.Fatalf("only %d invitations were made", len(tokens))
	}
	for _, secret := range append(srv.Tokens(), srv.Key) {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("a secret shows: ...%s...", text[max(0, at-300):min(len(text), at+100)])
		}
	}
	wantText(t, text, "Elastic Cloud API call", "call=\"DELETE /organizations/{organization_id}/invitations/{invitation_tokens}\"", "is odd")
}

// Bad input is refused before anything is written, at the attribute.
func TestBadInput(t *testing.T) {
	t.Parallel()
	provider := func(lines string) string {
		return "provider \"elasticcloud\" {\n" + lines + "\n}\n" + member("alice", "alice@example.com")
	}
	for _, test := range []struct {
		name, hcl, provider string
		want                []string
	}{
		{name: "no key", provider: `endpoint = "<URL>"`, want: []string{"Missing API key", "EC_API_KEY", "Organization owner", "api_key"}},
		{name: "endpoint is no URL", provider: `endpoint = "api.elastic-cloud.com"`, want: []string{"Invalid endpoint", "endpoint = "}},
		{name: "endpoint has another scheme", provider: `endpoint = "ftp://api.elastic-cloud.com"`, want: []string{"must begin with https://", "endpoint = "}},
		{name: "plain http", provider: `endpoint = "http://api.elastic-cloud.com"`, want: []string{"would send the API key in the clear", "endpoint = "}},
		{name: "unknown organization", provider: "endpoint = \"<URL>\"\n api_key = \"<KEY>\"\n organization_id = \"999\"",
			want: []string{"the API key does not see the organization 999; it sees <ORGANIZATION>", "organization.not_found"}},
		{name: "wrong key", provider: "endpoint = \"<URL>\"\n api_key = \"wrong\"", want: []string{"answered 401", "Elastic Cloud does not accept the API key"}},
		{name: "timeout is no duration", provider: "request_timeout = \"soon\"", want: []string{"Invalid request_timeout", "request_timeout = "}},
		{name: "timeout without a unit", provider: "request_timeout = \"5\"", want: []string{"Invalid request_timeout", `"5" is not a duration above zero`}},
		{name: "too many retries", provider: "max_retries = 100", want: []string{"max_retries", "between 0 and 20"}},

		{name: "no e-mail address", hcl: member("alice", "alice"), want: []string{"Invalid e-mail address", "email = "}},
		{name: "a name with the address", hcl: member("alice", "Alice <alice@example.com>"), want: []string{"Invalid e-mail address"}},
		{name: "space", hcl: member("alice", " alice@example.com"), want: []string{"Invalid e-mail address"}},
		{name: "two addresses", hcl: member("alice", "alice@example.com,bob@example.com"), want: []string{"Invalid e-mail address"}},
		{name: "no scope", hcl: member("alice", "alice@example.com", roles("deployment-editor")), want: []string{"Invalid grant", `"deployment-editor", character 18: deployment-editor needs a scope`, "roles = "}},
		{name: "scope on an organization role", hcl: member("alice", "alice@example.com", roles("organization-admin:*")), want: []string{"takes no scope; write organization-admin alone"}},
		{name: "empty scope", hcl: member("alice", "alice@example.com", roles("deployment-editor:")), want: []string{"the scope is missing after the colon"}},
		{name: "empty application role", hcl: member("alice", "alice@example.com", roles("elasticsearch-viewer:*+a+")), want: []string{"an application role is missing"}},
		{name: "empty grant", hcl: member("alice", "alice@example.com", roles("")), want: []string{"the role is missing"}},
		{name: "unknown kind", hcl: member("alice", "alice@example.com", roles("cluster-admin:*")), want: []string{"deployment-, elasticsearch-, observability-, security-, workplaceai-, vectordb-"}},
		{name: "null grant", hcl: member("alice", "alice@example.com", "roles = [null]"), want: []string{"roles", "null"}},
		{name: "expiry", hcl: member("alice", "alice@example.com", `invitation_expires_in = "a week"`), want: []string{"Invalid invitation expiry", "invitation_expires_in = "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.provider == "" {
				playing(t, func(t *testing.T) {
					srv := newFake(t)
					refuses(t, srv, test.hcl, test.want...)
					wantWrites(t, srv)
				})
				return
			}
			srv := newFake(t)
			tf := newCLI(t, srv, "EC_API_KEY=", "EC_ENDPOINT=")
			replace := strings.NewReplacer("<URL>", srv.URL, "<KEY>", srv.Key, "<ORGANIZATION>", srv.OrganizationID)
			tf.configure(provider(replace.Replace(test.provider)))
			out, ok := tf.run("plan")
			if ok {
				t.Error("the plan succeeds")
			}
			for _, want := range test.want {
				wantText(t, out, replace.Replace(want))
			}
			wantWrites(t, srv)
		})
	}
}

func TestUnknownRolesAreAskedAbout(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-editr:*", "organization-owner", "owner", "elasticsearch-editor:*", "security-brand-new:*", "vectordb-viewer:*", "cloud-connected-admin:*")))
		out := tf.must("validate")
		wantText(t, out, "Unknown role deployment-editr", "Did you mean deployment-editor?", "Unknown role organization-owner", "Did you mean organization-admin?", "Unknown role owner",
			"Unknown role elasticsearch-editor", "Did you mean elasticsearch-viewer?", "Unknown role security-brand-new", "Unknown role vectordb-viewer", "Success!")
		if n := strings.Count(out, "Unknown role"); n != 6 {
			t.Errorf("%d roles are asked about: %s", n, out)
		}
	})
}

// The nearest role is found by its ID, and by its name in the console.
func TestNearestRole(t *testing.T) {
	t.Parallel()
	for grant, want := range map[string]string{
		"owner":                    "organization-admin", // of the console's Organization owner
		"organization-owner":       "organization-admin",
		"billing":                  "billing-admin",
		"deployment-editr:*":       "deployment-editor",
		"elasticsearch-editor:*":   "elasticsearch-viewer", // of two as near the one with less power
		"security-t4-analyst:*":    "security-t3-analyst",
		"cloud-connected-viewer:*": "cloud-connected-admin",
	} {
		problems := grantProblems(grant)
		if len(problems) != 1 || problems.HasError() || !strings.HasSuffix(problems[0].Detail(), "Did you mean "+want+"?") {
			t.Errorf("%s: %v, want %s", grant, problems, want)
		}
	}
}

func TestProviderFindsTheOrganization(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddOrganization("42", "Second")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com"))
		out, ok := tf.run("plan")
		if ok {
			t.Error("plan succeeded with several organizations")
		}
		wantText(t, out, "the API key sees several organizations: set organization_id (or EC_ORGANIZATION_ID) to one of", "42 (Second)", srv.OrganizationID)
		tf = newTerraform(t, srv, "EC_ORGANIZATION_ID="+srv.OrganizationID, "EC_TIMEOUT=30s", "EC_ENDPOINT="+srv.URL+"/api/v1/")
		tf.configure(member("alice", "alice@example.com"))
		srv.ResetLedger()
		tf.must("apply", "-auto-approve")
		if n := srv.Count("GET /organizations"); n != 0 {
			t.Errorf("the organization was looked for %d times although it was given", n)
		}
		agent := srv.Requests()[0].Header.Get("User-Agent")
		if want := "terraform-provider-elasticcloud/dev Terraform/"; !strings.HasPrefix(agent, want) {
			t.Errorf("the user agent is %q, not %q and so on", agent, want)
		}
	})
}

func TestProviderWarnsOfAKeyThatEnds(t *testing.T) {
	t.Parallel()
	for days, warns := range map[int]bool{3: true, 60: false} {
		t.Run(fmt.Sprint(days), func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t, cloudtest.KeyExpires(inDays(days)))
				tf := newTerraform(t, srv)
				tf.configure(member("alice", "alice@example.com") + member("bob", "bob@example.com"))
				if got := strings.Count(tf.must("plan"), "Warning: The API key expires on"); got != map[bool]int{true: 1}[warns] {
					t.Errorf("with %d days left there are %d warnings", days, got)
				}
			})
		})
	}
}

func TestMemberReplacedByAnotherAddress(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "organization-admin")
		playRun(t, srv,
			resource.TestStep{Config: member("alice", "alice@example.com")},
			resource.TestStep{Config: member("alice", "alice2@example.com"), ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(alice, plancheck.ResourceActionReplace)}}},
		)
		wantMails(t, srv, 1)
	})
}

func inDays(n int) time.Time { return time.Now().Add(time.Duration(n) * 24 * time.Hour) }
