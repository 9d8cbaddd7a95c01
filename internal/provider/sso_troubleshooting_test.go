// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const troubleshootingGuide = "templates/guides/sso-troubleshooting.md.tmpl"

// ssoSetup is an organization in which people sign in, and what has to be right for that.
type ssoSetup struct {
	t             *testing.T
	srv           *cloudtest.Server
	idp           *cloudtest.TestIdP
	tf            terraform
	acs, entityID string // the service's, as its first response says
}

// configure applies the configuration of the IdP as it is now, with another sso_url if
// that ends with something.
func (s ssoSetup) configure(suffix string) {
	s.t.Helper()
	s.tf.configure(fmt.Sprintf("resource \"elasticcloud_saml_idp\" \"this\" {\n  login_identifier_prefix = \"acme\"\n  issuer = %q\n  sso_url = %q\n  certificates = [%q]\n}\n",
		s.idp.Issuer, s.idp.SSOURL+suffix, s.idp.Certificate()))
	s.tf.must("apply", "-auto-approve")
}

// ssoMistake is one thing that is wrong, and how it is put right.
type ssoMistake struct {
	row    string // what the trace shows, in the guide
	breaks func(s ssoSetup)
	wrong  cloudtest.Wrong
	mends  func(s ssoSetup)
	email  string   // bob@example.com unless said otherwise
	groups []string // elastic-owners unless said otherwise; not nil and empty for none
	err    string   // what the service finds
}

var ssoMistakes = []ssoMistake{
	{row: "no `SAMLRequest`", err: "saml_idp.sso_url", breaks: func(s ssoSetup) { s.configure("/redirect") }, mends: func(s ssoSetup) { s.configure("") }},
	{row: "no `SAMLResponse`", err: "no application with the entity ID", wrong: cloudtest.KnowsNoServices},
	{row: "`Destination` and `Recipient` are not `acs_url`", err: "the Destination and Recipient",
		breaks: func(s ssoSetup) { s.idp.Trust(s.entityID, "https://elsewhere.example.com/acs") },
		mends:  func(s ssoSetup) { s.idp.Trust(s.entityID, s.acs) }},
	{row: "`Audience` is not `sp_entity_id`", err: "the Audience",
		breaks: func(s ssoSetup) { s.idp.Trust("urn:elsewhere", s.acs) },
		mends:  func(s ssoSetup) { s.idp.Trust(s.entityID, s.acs) }},
	{row: "`Issuer` is not `issuer`", err: "the Issuer", breaks: func(s ssoSetup) { s.idp.Issuer += "/" }, mends: func(s ssoSetup) { s.configure("") }},
	{row: "`X509Certificate` is not in `certificates`", err: "certificate", breaks: func(s ssoSetup) { s.idp.Rotate() }, mends: func(s ssoSetup) { s.configure("") }},
	{row: "no `Signature`", err: "signature", wrong: cloudtest.Unsigned},
	{row: "`StatusCode` is not `Success`", err: "status:Responder", wrong: cloudtest.ReportsFailure},
	{row: "`IssueInstant` is minutes in the past", err: "IssueInstant", wrong: cloudtest.SlowClock},
	{row: "no `InResponseTo`", err: "InResponseTo", wrong: cloudtest.StartsItself},
	{row: "no `email`", err: "an attribute named email", wrong: cloudtest.SendsNoEmail},
	{row: "`email` is not in a claimed domain", err: "domain", email: "bob@example.org", mends: func(s ssoSetup) { s.srv.ClaimDomain("example.org") }},
	{row: "`email` is not in a claimed domain", err: "domain",
		breaks: func(s ssoSetup) { s.srv.LoseDomain("example.com") },
		mends:  func(s ssoSetup) { s.srv.ClaimDomain("example.com") }},
	{row: "no `groups`", groups: []string{}},
	{row: "`groups` is not in a rule", groups: []string{"/elastic-owners"}},
}

// Each row of the guide is what a sign-in shows that has this one thing wrong. The same
// sign-in works before that, and once it is put right.
func TestSSOThatIsWrong(t *testing.T) {
	t.Parallel()
	rows := map[string]string{} // what the user sees, for what the trace shows
	for line := range strings.SplitSeq(readPage(t, troubleshootingGuide), "\n") {
		if cells := strings.Split(line, " | "); len(cells) == 4 && strings.HasPrefix(line, "| ") && cells[0] != "| You see" {
			if rows[cells[1]] != "" {
				t.Errorf("the guide has two rows for %s", cells[1])
			}
			rows[cells[1]] = strings.TrimPrefix(cells[0], "| ")
		}
	}
	tested := map[string]bool{}
	for _, mistake := range ssoMistakes {
		tested[mistake.row] = true
		if rows[mistake.row] == "" {
			t.Errorf("the guide has no row for %s", mistake.row)
		}
		t.Run(mistake.row+" "+mistake.email, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) { mistake.play(t, rows[mistake.row]) })
		})
	}
	for row := range rows {
		if !tested[row] {
			t.Errorf("nothing is tested for the row %s", row)
		}
	}
}

func (m ssoMistake) play(t *testing.T, sees string) {
	s := ssoSetup{t: t, srv: newFake(t), idp: cloudtest.NewTestIdP()}
	s.srv.ClaimDomain("example.com")
	s.srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
	s.tf = newTerraform(t, s.srv)
	s.configure("")
	good, err := s.srv.SignInTraced(s.idp, cloudtest.Nothing, "alice@example.com", "elastic-owners")
	if err != nil {
		t.Fatal(err)
	}
	s.acs, s.entityID = inTrace(t, good, "Destination")[0], inTrace(t, good, "Audience")[0]
	if m.email == "" {
		m.email = "bob@example.com"
	}
	if m.groups == nil {
		m.groups = []string{"elastic-owners"}
	}

	if m.breaks != nil {
		m.breaks(s)
	}
	bad, err := s.srv.SignInTraced(s.idp, m.wrong, m.email, m.groups...)
	if got := whatIsSeen(bad, err); got != sees {
		t.Errorf("the user sees %q, and the guide says %q", got, sees)
	}
	m.compare(t, good, bad)
	switch joined := slices.Contains(s.srv.Emails(), m.email); {
	case err == nil && (m.err != "" || !joined || len(s.srv.Grants(m.email)) > 0):
		t.Errorf("signed in with %v, want the error %q", s.srv.Grants(m.email), m.err)
	case err != nil && (m.err == "" || !strings.Contains(err.Error(), m.err) || joined):
		t.Errorf("the sign-in gives %v, want %q, and that nobody joins: %t", err, m.err, joined)
	}

	if m.mends != nil {
		m.mends(s)
	}
	if _, err := s.srv.SignInTraced(s.idp, cloudtest.Nothing, m.email, "elastic-owners"); err != nil {
		t.Errorf("put right, the sign-in still fails: %v", err)
	}
	if got := s.srv.Grants(m.email); !slices.Equal(got, []string{"organization-admin"}) {
		t.Errorf("put right, the sign-in gives %v", got)
	}
}

// whatIsSeen is where a sign-in ends, in the words of the guide.
func whatIsSeen(trace cloudtest.Trace, err error) string {
	switch {
	case trace.Request == "":
		return "Elastic's page, not the IdP's"
	case trace.Response == "":
		return "An error page of the IdP"
	case err != nil:
		return "`/access-denied`"
	}
	return "Signed in, without the roles"
}

// compare holds the trace of a sign-in against the row: what is missing, or other than
// in the sign-in that worked.
func (m ssoMistake) compare(t *testing.T, good, bad cloudtest.Trace) {
	t.Helper()
	about, _, differs := strings.Cut(m.row, " not ")
	for _, name := range firstGroups(regexp.MustCompile("`([^`]+)`"), about) {
		before, now := inTrace(t, good, name), inTrace(t, bad, name)
		switch {
		case len(before) == 0:
			t.Errorf("a sign-in that works has no %s", name)
		case strings.HasPrefix(m.row, "no "):
			if len(now) > 0 {
				t.Errorf("%s is %v", name, now)
			}
		case len(now) == 0:
			t.Errorf("there is no %s", name)
		case differs:
			if slices.Equal(before, now) {
				t.Errorf("%s is %v, as in a sign-in that works", name, now)
			}
		default:
			if at, err := time.Parse(time.RFC3339, now[0]); err != nil || time.Since(at) < 5*time.Minute {
				t.Errorf("%s is %v, %v", name, at, err)
			}
		}
	}
}

// inTrace is what a trace has under a name: the values of XML attributes, the texts of
// elements, and the values of SAML attributes.
func inTrace(t *testing.T, trace cloudtest.Trace, name string) []string {
	t.Helper()
	switch name {
	case "SAMLRequest":
		return slices.DeleteFunc([]string{trace.Request}, func(text string) bool { return text == "" })
	case "SAMLResponse":
		return slices.DeleteFunc([]string{trace.Response}, func(text string) bool { return text == "" })
	}
	document := etree.NewDocument()
	if err := document.ReadFromString(trace.Response); err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, element := range document.FindElements("//*") {
		switch {
		case element.SelectAttr(name) != nil:
			values = append(values, element.SelectAttrValue(name, ""))
		case element.Tag == name:
			values = append(values, strings.TrimSpace(element.Text())+element.SelectAttrValue("Value", ""))
		case element.Tag == "Attribute" && element.SelectAttrValue("Name", "") == name:
			for _, value := range element.ChildElements() {
				values = append(values, value.Text())
			}
		}
	}
	return values
}
