// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// An existing IdP is not overwritten, and the block in the error adopts it.
func TestSAMLIdPIsThereAlready(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		good, other := longLived(t, "idp"), longLived(t, "other")
		there := cloudtest.IdP{Enabled: true, LoginIdentifierPrefix: "acme", Issuer: "https://idp.example/entity", SSOURL: "https://idp.example/sso", Certificates: []string{other}}
		tf := newTerraform(t, srv)
		tf.configure(samlIdP(quoted(good)))
		tf.must("plan", "-out=plan")
		srv.ConfigureIdP(there) // between plan and apply
		for _, args := range [][]string{{"apply", "plan"}, {"plan"}} {
			out, ok := tf.run(args...)
			if ok {
				t.Errorf("%v succeeded", args)
			}
			wantText(t, out, "Error: The organization already has a SAML IdP", fmt.Sprintf("import { to = elasticcloud_saml_idp.this id = %q }", srv.OrganizationID))
		}
		srv.RemoveIdP()
		srv.Before(getIdP, func() { srv.Before(getIdP, func() { srv.ConfigureIdP(there) }) })
		if out, ok := tf.run("apply", "-auto-approve"); ok {
			t.Errorf("apply succeeded: %s", out)
		}
		wantWrites(t, srv)
		tf.configure(samlIdP(quoted(good)) + fmt.Sprintf("import {\n  to = elasticcloud_saml_idp.idp\n  id = %q\n}\n", srv.OrganizationID))
		wantText(t, tf.must("plan"), "1 to import, 0 to add, 1 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		tf.must("apply", "-auto-approve", "-replace="+theIdP) // which finds it as configured
		wantWrites(t, srv, putIdP)
		// A different IdP does not adopt the existing one.
		tf.configure(samlIdP(quoted(other)))
		tf.must("apply", "-auto-approve", "-replace="+theIdP)
		wantWrites(t, srv, putIdP, delIdP, putIdP)
	})
}

func TestSAMLIdPWithoutDomain(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		playSteps(t, srv, resource.TestStep{
			Config:      samlIdP(quoted(longLived(t, "idp"))),
			ExpectError: spaced("An IdP requires a claimed domain, and the organization has none. Claim and verify one"),
		})
		if srv.IdP() != nil {
			t.Error("there is an IdP")
		}
	})
}

func TestSAMLIdPWhileEnforced(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		a, b := longLived(t, "a"), longLived(t, "b")
		tf := newTerraform(t, srv)
		tf.configure(samlIdP(quoted(a)))
		tf.must("apply", "-auto-approve")
		const warning = "Warning: The SAML IdP changes while SSO is enforced"
		for hcl, want := range map[string]string{
			samlIdP(quoted(a), `issuer = "urn:b"`):                 "issuer changes. Elastic Cloud refuses",
			samlIdP(quoted(a), `sso_url = "https://idp.example/"`): "sso_url changes. Elastic Cloud sends",
			samlIdP(quoted(b)):    "A certificate is removed",
			samlIdP(quoted(a, b)): "",
			samlIdP(quoted(a), `login_identifier_prefix = "b"`): "login_identifier_prefix changes, and with it login_identifier",
		} {
			for _, enforced := range []bool{true, false} {
				srv.Enforce(enforced)
				tf.configure(hcl)
				out := tf.must("plan")
				if warns := want != "" && enforced; warns != strings.Contains(out, warning) || warns && !strings.Contains(out, want) {
					t.Errorf("enforced: %v, %s: %s", enforced, want, out)
				}
			}
		}
		srv.Enforce(true)
		tf.configure(samlIdP(quoted(a), "enabled = false"))
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("it was disabled while SSO is enforced")
		}
		wantText(t, out, "Warning: The SAML IdP is disabled while SSO is enforced", "Error: Could not configure the SAML IdP", "SSO is enforced in the organization. Nobody could sign in any more.")
		tf.configure(samlIdP(quoted(a)))

		srv.ResetLedger()
		wantText(t, tf.must("plan", "-destroy"), warning, "The IdP is deleted, which Elastic Cloud refuses.")
		out, ok = tf.run("destroy", "-auto-approve")
		if ok {
			t.Error("destroy succeeded while SSO is enforced")
		}
		wantText(t, out, "Error: Could not delete the SAML IdP", "End the SSO enforcement first: destroy the elasticcloud_sso_enforcement")
		wantWrites(t, srv)
		srv.Enforce(false)
		tf.must("destroy", "-auto-approve")
		wantWrites(t, srv, delIdP)
	})
}

// Where the service does not say whether SSO is enforced, it decides.
func TestSAMLIdPEnforcementUnknown(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t, cloudtest.OmitEnforcement())
		tf := newTerraform(t, srv)
		tf.configure(samlIdP(quoted(longLived(t, "idp"))))
		tf.must("apply", "-auto-approve")
		srv.Enforce(true)
		out, ok := tf.run("destroy", "-auto-approve")
		if ok {
			t.Error("destroy succeeded while SSO is enforced")
		}
		wantText(t, out, "the SAML IdP cannot be deleted while SSO is enforced (org.idp.sso_enforced)")
		srv.Enforce(false)
		tf.must("destroy", "-auto-approve")
	})
}

// Whatever becomes of the answer, there is one IdP and it is in the state.
func TestSAMLIdPAnswerIsLost(t *testing.T) {
	t.Parallel()
	good := longLived(t, "idp")
	for name, fault := range map[string]cloudtest.Fault{
		"dropped":      {Route: putIdP, Drop: true, After: true, Times: 9},
		"server error": {Route: putIdP, Status: 502, After: true, Times: 9},
		"cut":          {Route: putIdP, Cut: true, After: true, Times: 9},
		"once":         {Route: putIdP, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newDomainOwner(t)
				srv.Fail(fault)
				playRun(t, srv,
					resource.TestStep{Config: samlIdP(quoted(good))},
					resource.TestStep{Config: samlIdP(quoted(good)), ConfigPlanChecks: emptyPlan, PreConfig: srv.ClearFaults},
				)
			})
		})
	}
}

// After an error the state has the present IdP, and the next apply completes the change.
func TestSAMLIdPFails(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		a, b := longLived(t, "a"), longLived(t, "b")
		tf := newTerraform(t, srv)
		refused := cloudtest.Fault{Route: putIdP, Status: 400, Code: "org.idp.invalid", Message: "not like this"}
		srv.Fail(refused)
		tf.configure(samlIdP(quoted(a)))
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not configure the SAML IdP", "not like this (org.idp.invalid)")
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		srv.Fail(refused)
		tf.configure(samlIdP(quoted(a, b), `issuer = "urn:b"`))
		if out, ok := tf.run("apply", "-auto-approve"); ok {
			t.Errorf("apply succeeded: %s", out)
		}
		wantText(t, tf.must("plan", "-refresh=false"), `-> "urn:b"`)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")

		srv.Fail(cloudtest.Fault{Route: getIdP, Status: 404, Code: "organization.not_found", Message: "no such organization"})
		if out, ok := tf.run("plan"); ok {
			t.Errorf("a lost organization was taken for a lost IdP: %s", out)
		}
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// The service keeps something else than it was sent: an error that says what it
// shows, and the next plan has the change.
func TestSAMLIdPIsNotTakenAsSent(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		good := longLived(t, "idp")
		tf := newTerraform(t, srv)
		tf.configure(samlIdP(quoted(good), "enabled = false"))
		tf.must("apply", "-auto-approve")
		body, err := json.Marshal(map[string]any{"sp_entity_id": "urn:sp", "configuration": json.RawMessage(srv.Writes()[0].Body)})
		if err != nil {
			t.Fatal(err)
		}
		srv.Fail(cloudtest.Fault{Route: putIdP, Body: string(body), Times: -1})
		tf.configure(samlIdP(quoted(good)))
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not configure the SAML IdP", "Sent twice: the issuer", "Shown: the issuer", "disabled, with the prefix acme and 1 certificate")
		wantText(t, tf.must("plan"), "~ enabled = false -> true")
	})
}

// An IdP that equals the configuration is adopted: an earlier apply lost the answer.
func TestSAMLIdPIsThereAsConfigured(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		hcl := samlIdP(quoted(longLived(t, "idp")))
		tf := newTerraform(t, srv)
		tf.configure(providerBlock("max_retries = 0") + hcl)
		srv.Before(putIdP, func() { srv.Fail(cloudtest.Fault{Route: getIdP, Status: 503, Times: -1}) })
		srv.Fail(cloudtest.Fault{Route: putIdP, Drop: true, After: true})
		out, ok := tf.run("apply", "-auto-approve")
		if ok || srv.IdP() == nil {
			t.Fatalf("the apply was to fail after the write: %s", out)
		}
		srv.ClearFaults()
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
	})
}
