// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// Two steps lead from nothing to enforced SSO, with the metadata of every IdP. People sign in
// before it is enforced, and hold the grants of the mappings. One destroy reverts it.
func TestSSOInTwoSteps(t *testing.T) {
	t.Parallel()
	for _, shape := range cloudtest.Shapes {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			idp := cloudtest.NewTestIdP()
			publishCode(srv)
			tf := example(t, srv, "sso")
			tf.write("idp-metadata.xml", idp.Metadata(shape))
			wantText(t, tf.must("apply", "-auto-approve"), "5 added, 0 changed, 0 destroyed")
			if srv.Enforced() {
				t.Error("SSO is enforced before anybody has signed in")
			}
			for email, test := range map[string]struct{ groups, grants []string }{
				"alice@example.com": {[]string{"elastic-owners"}, []string{"organization-admin"}},
				"bob@example.com":   {[]string{"elastic-dev-search", "others"}, []string{"deployment-editor:*", "elasticsearch-developer:*"}},
				"carol@example.com": {[]string{"elastic-owners", "elastic-dev-x"}, []string{"deployment-editor:*", "elasticsearch-developer:*", "organization-admin"}},
			} {
				if _, err := srv.SignIn(idp, email, test.groups...); err != nil {
					t.Errorf("%s cannot sign in: %v", email, err)
				}
				if got := srv.Grants(email); !slices.Equal(got, test.grants) {
					t.Errorf("%s holds %v, want %v", email, got, test.grants)
				}
			}
			if shape != cloudtest.Shapes[0] {
				return // the rest is the same for all
			}
			wantText(t, tf.must("apply", "-auto-approve", "-var=enforce=true"), "1 added, 0 changed, 0 destroyed")
			if !srv.Enforced() {
				t.Error("SSO is not enforced")
			}
			wantText(t, tf.must("plan", "-var=enforce=true"), "No changes.")
			wantText(t, tf.must("destroy", "-auto-approve", "-var=enforce=true"), "6 destroyed")
			if srv.Enforced() || srv.IdP() != nil || len(srv.Domains()) > 0 || len(srv.RoleMappings()) > 0 {
				t.Errorf("left: enforced %t, IdP %v, domains %v, mappings %v", srv.Enforced(), srv.IdP(), srv.Domains(), srv.RoleMappings())
			}
			wantMails(t, srv, 0)
		})
	}
}

// An elasticcloud_member adopts a person who joined through SSO, without an invitation.
func TestMemberWhomSSOBroughtIn(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, idp := withSSO(t)
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
		if _, err := srv.SignIn(idp, "alice@example.com", "elastic-owners"); err != nil {
			t.Fatal(err)
		}
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "Alice@example.com"))
		wantText(t, tf.must("apply", "-auto-approve"), "- Alice@example.com (member): same grants")
		wantText(t, tf.must("plan"), "No changes.")
		wantMails(t, srv, 0)
		wantWrites(t, srv)
	})
}

// A certificate is rotated without a gap: both are trusted, then the new one.
func TestSSOCertificateRotation(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		idp := cloudtest.NewTestIdP()
		srv.ClaimDomain("example.com")
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
		tf := newTerraform(t, srv)
		trust := func(certificates ...string) {
			hcl := "resource \"elasticcloud_saml_idp\" \"this\" {\n  login_identifier_prefix = \"acme\"\n  issuer = \"" + idp.Issuer + "\"\n  sso_url = \"" + idp.SSOURL + "\"\n  certificates = [\n"
			for _, certificate := range certificates {
				hcl += "<<EOT\n" + certificate + "\nEOT\n,\n"
			}
			tf.configure(hcl + "]\n}\n")
			tf.must("apply", "-auto-approve")
			wantText(t, tf.must("plan"), "No changes.")
		}
		signsIn := func() {
			t.Helper()
			if _, err := srv.SignIn(idp, "alice@example.com", "elastic-owners"); err != nil {
				t.Error(err)
			}
		}
		old, next := idp.Certificate(), idp.NextCertificate()
		trust(old)
		signsIn()
		trust(old, next)
		signsIn()
		idp.Rotate()
		signsIn()
		trust(next)
		signsIn()
	})
}

// Both ways out of a lockout that the guide shows work.
func TestSSOLockoutGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/guides/sso-lockout.md")
	if err != nil {
		t.Fatal(err)
	}
	srv := newFake(t)
	publishCode(srv)
	tf := example(t, srv, "sso")
	tf.must("apply", "-auto-approve", "-var=enforce=true")

	destroy := regexp.MustCompile(`terraform (destroy -target=\S+)`).FindStringSubmatch(string(guide))
	if destroy == nil {
		t.Fatal("the guide has no destroy")
	}
	tf.must(append(strings.Fields(destroy[1]), "-auto-approve")...)
	if srv.Enforced() {
		t.Error("after the destroy SSO is enforced")
	}
	wantText(t, tf.must("apply", "-auto-approve", "-var=enforce=true"), "1 added, 0 changed, 0 destroyed")

	curl := regexp.MustCompile(`(?s)curl -X (\S+) "https://api\.elastic-cloud\.com(\S+)" .*?-H "Authorization: ([^"]+)" .*?-H "Content-Type: ([^"]+)" .*?-d '([^']+)'`).FindStringSubmatch(string(guide))
	if curl == nil {
		t.Fatal("the guide has no call")
	}
	fill := strings.NewReplacer("$ORGANIZATION_ID", srv.OrganizationID, "$EC_API_KEY", srv.Key)
	req, err := http.NewRequestWithContext(t.Context(), curl[1], srv.URL+fill.Replace(curl[2]), strings.NewReader(curl[5]))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", fill.Replace(curl[3]))
	req.Header.Set("Content-Type", curl[4])
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if resp.StatusCode != http.StatusOK || srv.Enforced() {
		t.Errorf("the call answers %s, and SSO is enforced: %t", resp.Status, srv.Enforced())
	}
	wantText(t, tf.must("plan", "-var=enforce=true"), "1 to add, 0 to change, 0 to destroy")
}
