// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

const (
	theIdP = "elasticcloud_saml_idp.idp"
	putIdP = "PUT /organizations/{organization_id}/idp"
	delIdP = "DELETE /organizations/{organization_id}/idp"
	getIdP = "GET /organizations/{organization_id}/idp"
)

// samlIdP returns the HCL of an IdP. A line replaces an existing attribute.
func samlIdP(certificates string, lines ...string) string {
	attributes := map[string]string{
		"login_identifier_prefix": `"acme"`,
		"issuer":                  `"https://idp.example/entity"`,
		"sso_url":                 `"https://idp.example/sso"`,
		"certificates":            certificates,
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, " = ")
		attributes[name] = value
	}
	hcl := "resource \"elasticcloud_saml_idp\" \"idp\" {\n"
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		hcl += fmt.Sprintf("  %s = %s\n", name, attributes[name])
	}
	return hcl + "}\n"
}

// newDomainOwner starts an organization that has claimed example.com.
func newDomainOwner(t *testing.T, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	srv := newFake(t, opts...)
	srv.ClaimDomain("example.com")
	return srv
}

// sentCertificates are those of the last configuration that was sent.
func sentCertificates(t *testing.T, srv *cloudtest.Server) []string {
	t.Helper()
	writes := srv.Writes()
	var sent struct {
		SAML struct {
			PublicCertificate []string `json:"public_certificate"`
		} `json:"saml_idp"`
	}
	if err := json.Unmarshal(writes[len(writes)-1].Body, &sent); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, encoded := range sent.SAML.PublicCertificate {
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

func TestSAMLIdP(t *testing.T) {
	t.Parallel()
	srv := newDomainOwner(t)
	ends := time.Now().AddDate(2, 0, 0).UTC().Truncate(time.Second)
	earlier := ends.AddDate(-1, 0, 0)
	a, b := newCertificate(t, "a", ends), newCertificate(t, "b", earlier)
	value := func(name string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(theIdP, tfjsonpath.New(name), check)
	}
	runSteps(t, srv,
		resource.TestStep{
			Config: samlIdP(quoted(a, strings.TrimSpace(b)+"\n# next\n"+a)),
			ConfigStateChecks: []statecheck.StateCheck{
				value("id", knownvalue.StringExact(srv.OrganizationID)),
				value("enabled", knownvalue.Bool(true)),
				value("login_identifier", knownvalue.StringFunc(func(s string) error {
					if !strings.HasPrefix(s, "acme-") {
						return fmt.Errorf("it is %q", s)
					}
					return nil
				})),
				value("acs_url", knownvalue.NotNull()),
				value("sp_entity_id", knownvalue.NotNull()),
				value("metadata_url", knownvalue.NotNull()),
				value("sso_login_url", knownvalue.NotNull()),
				value("signing_certificates", knownvalue.ListSizeExact(1)),
				value("encryption_certificates", knownvalue.ListSizeExact(1)),
				value("certificates_expire_at", knownvalue.StringExact(earlier.Format(time.RFC3339))),
				value("certificates", knownvalue.ListExact([]knownvalue.Check{
					knownvalue.StringExact(a), knownvalue.StringExact(strings.TrimSpace(b) + "\n# next\n" + a)})),
			},
		},
		resource.TestStep{Config: samlIdP(quoted(a, b)), ConfigPlanChecks: emptyPlan, PreConfig: func() {
			wantWrites(t, srv, putIdP)
			if got := sentCertificates(t, srv); !slices.Equal(got, []string{a, b}) {
				t.Errorf("sent: %q", got)
			}
		}},
		resource.TestStep{
			Config:            samlIdP(quoted(a), "enabled = false", `issuer = "urn:other"`),
			ConfigStateChecks: []statecheck.StateCheck{value("certificates_expire_at", knownvalue.StringExact(ends.Format(time.RFC3339)))},
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theIdP, plancheck.ResourceActionUpdate),
				// what a change cannot touch stays known, for the IdP that refers to it
				plancheck.ExpectKnownValue(theIdP, tfjsonpath.New("acs_url"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(theIdP, tfjsonpath.New("login_identifier"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(theIdP, tfjsonpath.New("signing_certificates"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(theIdP, tfjsonpath.New("certificates_expire_at"), knownvalue.StringExact(ends.Format(time.RFC3339))),
			}},
		},
		resource.TestStep{
			Config: samlIdP(quoted(a), `login_identifier_prefix = "acme-2"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(theIdP, tfjsonpath.New("login_identifier")),
				plancheck.ExpectUnknownValue(theIdP, tfjsonpath.New("sso_login_url")),
				plancheck.ExpectUnknownValue(theIdP, tfjsonpath.New("metadata_url")),
				plancheck.ExpectKnownValue(theIdP, tfjsonpath.New("sp_entity_id"), knownvalue.NotNull()),
			}},
		},
		resource.TestStep{Config: samlIdP(quoted(a), `login_identifier_prefix = "acme-2"`), ConfigPlanChecks: emptyPlan},
		resource.TestStep{ResourceName: theIdP, ImportState: true, ImportStateVerify: true},
	)
	if srv.IdP() != nil {
		t.Error("after destroy the IdP is still there")
	}
}

// Another spelling of the same certificates plans nothing and sends nothing, and
// the state keeps the first.
func TestSAMLIdPSpellings(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		a, b := longLived(t, "a"), longLived(t, "b")
		tf := newTerraform(t, srv)
		tf.configure(samlIdP(quoted(a, b)))
		tf.must("apply", "-auto-approve")
		for name, texts := range spellings(a, b) {
			tf.configure(samlIdP(quoted(texts...)))
			if out := tf.must("plan"); !strings.Contains(out, "No changes.") {
				t.Errorf("%s: %s", name, out)
			}
		}
		tf.configure(samlIdP(heredoc(a, b)))
		wantText(t, tf.must("apply", "-auto-approve"), "No changes.")
		wantWrites(t, srv, putIdP)

		odd := strings.ReplaceAll("# b\n"+b+a, "\n", "\r\n")
		tf.configure(samlIdP(quoted(odd), `issuer = "urn:b"`))
		out := tf.must("plan") // beside a change the certificates are planned as configured
		wantText(t, out, `"urn:b"`, "# (11 unchanged attributes hidden)")
		if strings.Contains(out, "Warning") {
			t.Errorf("the plan warns of a spelling: %s", out)
		}
		tf.must("destroy", "-auto-approve")
		tf.must("apply", "-auto-approve")
		if got := sentCertificates(t, srv); !slices.Equal(got, []string{b, a}) {
			t.Errorf("sent: %q", got)
		}
		wantText(t, tf.must("plan"), "No changes.")
		wantText(t, tf.must("show"), "# b")
	})
}

// A change made in the console shows as that change and no other, and apply
// takes it back.
func TestSAMLIdPDrift(t *testing.T) {
	t.Parallel()
	a, b, other := longLived(t, "a"), longLived(t, "b"), longLived(t, "other")
	for name, c := range map[string]struct {
		change func(*cloudtest.IdP)
		shows  []string
		others int // computed attributes that follow
	}{
		"enabled": {func(i *cloudtest.IdP) { i.Enabled = false }, []string{"~ enabled = false -> true"}, 0},
		"issuer":  {func(i *cloudtest.IdP) { i.Issuer = "urn:evil" }, []string{`~ issuer = "urn:evil" -> "https://idp.example/entity"`}, 0},
		"sso_url": {func(i *cloudtest.IdP) { i.SSOURL = "https://evil.example/sso" }, []string{`~ sso_url = "https://evil.example/sso" -> "https://idp.example/sso"`}, 0},
		"prefix": {func(i *cloudtest.IdP) { i.LoginIdentifierPrefix = "evil" },
			[]string{`~ login_identifier_prefix = "evil" -> "acme"`, "~ login_identifier =", "~ sso_login_url ="}, 3},
		"certificate added": {func(i *cloudtest.IdP) { i.Certificates = append(i.Certificates, other) },
			[]string{"~ certificates = [", "- <<-EOT"}, 0},
		"certificate removed": {func(i *cloudtest.IdP) { i.Certificates = i.Certificates[:1] }, []string{"~ certificates = [", "+ <<-EOT"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newDomainOwner(t)
				tf := newTerraform(t, srv)
				tf.configure(samlIdP(quoted(a, b)))
				tf.must("apply", "-auto-approve")
				srv.ChangeIdP(c.change)
				out := tf.must("plan")
				wantText(t, out, append(c.shows, "0 to add, 1 to change, 0 to destroy")...)
				if _, changes, _ := strings.Cut(out, "will be updated in-place"); strings.Count(changes, "~ ")-1 != 1+c.others {
					t.Errorf("more than %s changes: %s", name, changes)
				}
				tf.must("apply", "-auto-approve")
				wantText(t, tf.must("plan"), "No changes.")
				wantWrites(t, srv, putIdP, putIdP)
			})
		})
	}
	t.Run("other spelling", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newDomainOwner(t)
			tf := newTerraform(t, srv)
			tf.configure(samlIdP(quoted(a + b)))
			tf.must("apply", "-auto-approve")
			srv.ChangeIdP(func(i *cloudtest.IdP) { i.Certificates = []string{strings.ReplaceAll(b+"\n"+a, "\n", "\r\n")} })
			wantText(t, tf.must("plan"), "No changes.")
		})
	})
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newDomainOwner(t)
			tf := newTerraform(t, srv)
			tf.configure(samlIdP(quoted(a)))
			tf.must("apply", "-auto-approve")
			srv.RemoveIdP()
			wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
			tf.must("apply", "-auto-approve")
			srv.RemoveIdP()
			tf.must("destroy", "-auto-approve")
		})
	})
}

// Bad input is refused in the plan, at the attribute, and nothing is written.
func TestSAMLIdPBadInput(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		good := longLived(t, "idp")
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		for _, c := range []struct {
			hcl  string
			want []string
		}{
			{samlIdP(quoted(good), `login_identifier_prefix = "Acme"`), []string{`: login_identifier_prefix = "Acme"`, "lowercase letters, digits and hyphens"}},
			{samlIdP(quoted(good), `login_identifier_prefix = ""`), []string{"lowercase letters, digits and hyphens"}},
			{samlIdP(quoted(good), `issuer = ""`), []string{`: issuer = ""`, "Invalid issuer"}},
			{samlIdP(quoted(good), `issuer = "https://idp.example "`), []string{"Invalid issuer"}},
			{samlIdP(quoted(good), `issuer = "https://idp.example/\u200b"`), []string{"Invalid issuer", `\u200b`}},
			{samlIdP(quoted(good), `sso_url = "http://idp.example/sso"`), []string{`: sso_url = "http://idp.example/sso"`, "is not an https URL"}},
			{samlIdP(quoted(good), `sso_url = "https://"`), []string{"is not an https URL"}},
			{samlIdP(quoted(good), `sso_url = "idp.example"`), []string{"is not an https URL"}},
			{samlIdP("[]"), []string{": certificates = []", "at least 1"}},
			{samlIdP("[null]"), []string{": certificates = [null]", "it contains no certificate"}},
			{samlIdP(fmt.Sprintf("[%q, %q]", good, "okta.pem")), []string{`on main.tf line 8, in resource "elasticcloud_saml_idp" "idp": 8: certificates =`, "Error: Invalid certificate", "it contains no certificate"}},
			{samlIdP(quoted(good[:300])), []string{"Error: Invalid certificate in certificates[0]", "it is incomplete"}},
			{samlIdP(quoted(strings.Replace(good, "MI", "MA", 1))), []string{": certificates =", "Error: Invalid certificate", "certificate 1 cannot be read"}},
			{samlIdP(quoted("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----")), []string{": certificates =", "it contains a CERTIFICATE REQUEST, and no certificate"}},
			{samlIdP(quoted(newCertificate(t, "old", time.Now().AddDate(0, 0, -1)), newCertificate(t, "older", time.Now().AddDate(0, -1, 0)))),
				[]string{": certificates =", "Error: All certificates of the SAML IdP have expired", "CN=old", "CN=older", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)}},
		} {
			tf.configure(c.hcl)
			out, ok := tf.run("plan")
			if ok {
				t.Errorf("the plan succeeded: %s", c.hcl)
			}
			wantText(t, out, c.want...)
		}
		wantWrites(t, srv)
	})
}

func TestSAMLIdPWarnsOfExpiry(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		ends := time.Now().AddDate(0, 0, 29).UTC()
		soon, past, good := newCertificate(t, "soon", ends), newCertificate(t, "past", time.Now().Add(-time.Hour)), longLived(t, "good")
		tf.configure(samlIdP(quoted(good, soon)))
		wantText(t, tf.must("plan"), "Warning: A certificate of the SAML IdP expires soon", ends.Format(time.RFC3339)+": CN=soon")
		tf.configure(samlIdP(quoted(past, good)))
		out := tf.must("plan")
		wantText(t, out, "Warning: A certificate of the SAML IdP has expired", "CN=past")
		if strings.Contains(out, "expires soon") {
			t.Errorf("what has expired expires soon: %s", out)
		}
		later := newCertificateFrom(t, "later", time.Now().Add(24*time.Hour), time.Now().AddDate(5, 0, 0))
		tf.configure(samlIdP(quoted(later, good)))
		wantText(t, tf.must("plan"), "Warning: A certificate of the SAML IdP is not valid yet", "CN=later")
		tf.configure(samlIdP(quoted(later)))
		wantText(t, tf.must("plan"), "Warning: No certificate of the SAML IdP is valid yet", "CN=later")
		tf.configure(samlIdP(quoted(newCertificate(t, "later", time.Now().AddDate(0, 0, 31)))))
		if out := tf.must("apply", "-auto-approve"); strings.Contains(out, "Warning") {
			t.Errorf("there is a warning: %s", out)
		}
		// those that have expired meanwhile stop neither other changes nor the end
		srv.ChangeIdP(func(i *cloudtest.IdP) { i.Certificates = []string{past} })
		tf.configure(samlIdP(quoted(past), "enabled = false"))
		wantText(t, tf.must("apply", "-auto-approve"), "Warning: All certificates of the SAML IdP have expired", "1 changed")
		tf.must("destroy", "-auto-approve")
	})
}

// What is known only at apply is checked then, before anything is written.
func TestSAMLIdPKnownLate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {

		good := longLived(t, "idp")
		late := func(text string) string {
			return fmt.Sprintf("resource \"terraform_data\" \"late\" {\n  input = %q\n}\n", text)
		}
		const reference = "[terraform_data.late.output]"
		for text, want := range map[string]string{
			"okta.pem": "Invalid certificate",
			newCertificate(t, "old", time.Now().AddDate(0, 0, -1)): "All certificates of the SAML IdP have expired",
			privateKeys(t)["EC"]: "contains a private key",
		} {
			srv := newDomainOwner(t)
			tf := newTerraform(t, srv)
			tf.configure(late(text) + samlIdP(reference))
			tf.must("plan")
			out, ok := tf.run("apply", "-auto-approve")
			if ok {
				t.Error("apply succeeded")
			}
			wantText(t, out, want)
			wantWrites(t, srv)
		}
		srv := newDomainOwner(t)
		playRun(t, srv,
			resource.TestStep{Config: late(good) + samlIdP(reference, "issuer = terraform_data.late.id")},
			resource.TestStep{Config: late(good) + samlIdP(reference, "issuer = terraform_data.late.id"), ConfigPlanChecks: emptyPlan},
			resource.TestStep{Config: late(good+" ") + samlIdP(reference, "issuer = terraform_data.late.id")},
		)

	})
}

func TestSAMLIdPImport(t *testing.T) {
	t.Parallel()

	srv := newDomainOwner(t)
	a, b := longLived(t, "a"), longLived(t, "b")
	srv.ConfigureIdP(cloudtest.IdP{LoginIdentifierPrefix: "acme", Issuer: "https://idp.example/entity", SSOURL: "https://idp.example/sso", Certificates: []string{b, strings.ReplaceAll(a, "\n", "\r\n")}})
	block := func(id string) string {
		return fmt.Sprintf("import {\n  to = elasticcloud_saml_idp.idp\n  id = %q\n}\n", id)
	}
	const empty = "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy."
	tf := newCLI(t, srv)
	tf.configure(samlIdP(quoted(a+b), "enabled = false") + block(srv.OrganizationID))
	wantText(t, tf.must("plan"), empty)
	tf.configure(block("42"))
	out, _ := tf.run("plan", "-generate-config-out=wrong.tf")
	wantText(t, out, "Could not import from another organization")
	tf.configure(block(srv.OrganizationID))
	if err := os.Remove(filepath.Join(tf.workspace.Dir, "wrong.tf")); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	wantText(t, tf.must("plan", "-generate-config-out=generated.tf"), empty)
	wantText(t, tf.must("plan"), empty)
	tf.must("apply", "-auto-approve")
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)

	srv.RemoveIdP()
	none := newCLI(t, srv)
	none.configure(samlIdP(quoted(a)))
	out, ok := none.run("import", theIdP, srv.OrganizationID)
	if ok {
		t.Error("the import of nothing succeeded")
	}
	wantText(t, out, "Error: Could not import the SAML IdP", "no SAML IdP is configured (org.idp.idp_not_configured)")

}

func TestSAMLIdPIdentity(t *testing.T) {
	t.Parallel()
	testneeds.Identity(t)
	srv := newDomainOwner(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: config(srv, samlIdP(quoted(longLived(t, "idp")))), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(theIdP, map[string]knownvalue.Check{"organization_id": knownvalue.StringExact(srv.OrganizationID)})}},
			{ResourceName: theIdP, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}
