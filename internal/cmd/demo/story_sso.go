// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	ssoDomain       = "example.com"
	challengeRecord = "_elastic_domain_challenge." + ssoDomain
)

func (d *demo) connectSSO(ctx context.Context) {
	d.heading("7. Single sign-on: set it up, and keep it optional")
	d.say(`The configuration is examples/sso/main.tf. It claims and verifies the domain ` + ssoDomain + `,
connects the company's SAML identity provider (IdP) from its metadata, and maps two
groups of the IdP to roles. Single sign-on stays optional until somebody has used it.

This demo does two things that Terraform does not do. It has a test IdP with its own
key, and writes the metadata of that IdP in the format of Okta. It also runs a DNS
server, and publishes there the TXT record that proves the ownership of the domain. In
your configuration a resource of your DNS provider does that in the same apply, such as
aws_route53_record.`)
	d.idp = cloudtest.NewTestIdP()
	if d.err == nil {
		d.err = d.enter(ctx, "sso")
	}
	d.write("idp-metadata.xml", d.idp.Metadata(cloudtest.Okta))
	d.settings("SSO      not enforced")
	d.command(ctx, 0, "plan", "-out=sso.tfplan")
	d.shows(`challenge_record_name += "` + regexp.QuoteMeta(challengeRecord) + `"`)
	d.shows(`Plan: 5 to add, 0 to change, 0 to destroy\.`)

	d.srv.Before("POST /organizations/{organization_id}/domains/_verify", func() {
		d.srv.PublishTXT(challengeRecord, d.srv.VerificationCode(ssoDomain))
	})
	d.command(ctx, 0, "apply", "sso.tfplan")
	d.shows(`Apply complete! Resources: 5 added, 0 changed, 0 destroyed\.`)
	d.challenge(ctx)
	d.settings(append(d.connected(), "SSO      not enforced")...)
}

// connected returns the settings after the IdP and the mappings are configured.
func (d *demo) connected() []string {
	return []string{
		"domain   " + ssoDomain,
		"IdP      " + d.idp.Issuer,
		"mapping  developers: deployment-editor:* elasticsearch-developer:*",
		"         if email *@example.com and group elastic-dev-*",
		"mapping  owners: organization-admin",
		"         if group elastic-owners",
	}
}

func (d *demo) signIn(ctx context.Context) {
	d.heading("8. The owner and Dora sign in")
	d.say(`The owner signs in first, as a member of the group elastic-owners, and stays an
owner. Then Dora signs in. Nobody invited her. Her IdP signs an assertion that she is in
the group elastic-dev-search. The fake organization checks the signature with the
certificate that Terraform configured. The mapping "developers" grants her the roles. No
e-mail is sent: the two that you see were for Alice and Carol. People who join through
single sign-on cause no diff, so the plan is empty (exit code 0).`)
	for email, group := range map[string]string{"owner@example.com": "elastic-owners", "dora@example.com": "elastic-dev-search"} {
		if d.err == nil {
			_, d.err = d.srv.SignIn(d.idp, email, group)
		}
	}
	d.organization(2,
		"dora@example.com active deployment-editor:* elasticsearch-developer:*",
		"owner@example.com active organization-admin")
	d.command(ctx, 0, "plan", "-detailed-exitcode")
	d.shows(`No changes\.`)
}

func (d *demo) enforceSSO(ctx context.Context) {
	d.srv.AddMember("erin@partner.example", "billing-admin")
	d.heading("9. Enforce single sign-on: the plan names people who would be locked out")
	d.say(`Meanwhile somebody added Erin, of another company, in the console. Her domain is not
claimed, so enforcing single sign-on would lock her out. The plan warns about that.`)
	d.edit("default     = false", "default     = true")
	d.command(ctx, 0, "plan", "-out=sso.tfplan")
	d.shows(`Members outside the claimed domains can no longer sign in`)
	d.shows(`erin@partner\.example`)
	d.shows(`SSO becomes the only way to sign in`)
	d.shows(`Plan: 1 to add, 0 to change, 0 to destroy\.`)
	d.say(`
Erin has left the project, so we accept that and apply the plan.`)
	d.command(ctx, 0, "apply", "sso.tfplan")
	d.settings(append(d.connected(), "SSO      enforced")...)
}

func (d *demo) breakSSO(ctx context.Context) {
	d.heading("10. Two mistakes that would lock people out: the plan shows them")
	d.srv.ResetLedger()
	d.say(`The first mistake gives another role to the mapping "owners". No other mapping grants
organization-admin, so the organization would have no owner after their next sign-in.
The plan warns about that, and says that apply will refuse the change.`)
	const roles, otherRoles = `roles = ["organization-admin"]`, `roles = ["billing-admin"]`
	d.edit(roles, otherRoles)
	d.command(ctx, 2, "plan", "-detailed-exitcode")
	d.shows(`Access by the role mapping "owners" changes`)
	d.shows(`"owners" is the last role mapping that grants organization-admin`)
	d.shows(`Plan: 0 to add, 1 to change, 0 to destroy\.`)
	d.changesOnly(`- "organization-admin",`, `+ "billing-admin",`)
	d.say(`
We revert that change. The second mistake is an expired certificate of the IdP, with
which nobody could sign in. The plan refuses it (exit code 1).`)
	d.edit(otherRoles, roles)
	expired, _ := cloudtest.NewCertificate("Test IdP", time.Now().AddDate(-3, 0, 0), time.Now().AddDate(-1, 0, 0))
	d.write("old.pem", expired)
	const certificates, oldCertificates = `= local.idp.certificates`, `= [file("${path.module}/old.pem")]`
	d.edit(certificates, oldCertificates)
	d.command(ctx, 1, "plan", "-detailed-exitcode")
	d.shows(`Error: All certificates of the SAML IdP have expired`)
	d.edit(oldCertificates, certificates)
	d.sentNothing()
}

func (d *demo) endSSO(ctx context.Context) {
	d.heading("11. Destroy: back to no single sign-on")
	d.say(`Destroy works in the opposite order. The enforcement ends before the owners' mapping
and the IdP are deleted, so nobody is locked out on the way. The claim of the domain is
released last. The warnings appear again, because each resource warns separately and does
not know that the same run ends the enforcement.`)
	d.command(ctx, 0, "destroy", "-auto-approve")
	d.shows(`(?s)enforcement\.this\[0\]: Destruction complete.*owners: Destroying.*idp\.this: Destroying.*claim\.this: Destroying`)
	d.shows(`Destroy complete! Resources: 6 destroyed\.`)
	d.settings("SSO      not enforced")
	d.say(`
Dora stays a member: she joined through the IdP, and no resource manages her. To manage
her with Terraform, add an elasticcloud_member. It adopts her and sends no e-mail.`)
	d.organization(2,
		"dora@example.com active deployment-editor:* elasticsearch-developer:*",
		"erin@partner.example active billing-admin",
		"owner@example.com active organization-admin")
}

// settings shows and checks the settings of single sign-on in the organization.
func (d *demo) settings(want ...string) {
	var lines []string
	for _, domain := range d.srv.Domains() {
		lines = append(lines, "domain   "+domain)
	}
	if idp := d.srv.IdP(); idp != nil {
		lines = append(lines, "IdP      "+idp.Issuer)
	}
	for _, m := range d.srv.RoleMappings() {
		lines = append(lines, "mapping  "+m.Name+": "+strings.Join(m.Grants, " "), "         if "+rule(m.Rule))
	}
	if d.srv.Enforced() {
		lines = append(lines, "SSO      enforced")
	} else {
		lines = append(lines, "SSO      not enforced")
	}
	d.say("\nSettings of the organization:\n  " + strings.Join(lines, "\n  "))
	if d.err == nil && !slices.Equal(lines, want) {
		d.err = fmt.Errorf("the organization should have the settings %q", want)
	}
}

// rule describes the rule of a mapping. Its conditions have no order.
func rule(r cloudtest.Rule) string {
	var conditions []string
	for _, c := range slices.Concat(r.Any, r.All) {
		if c.Group != "" {
			conditions = append(conditions, "group "+c.Group)
		} else {
			conditions = append(conditions, "email "+c.Email)
		}
	}
	slices.Sort(conditions)
	word := " or "
	if len(r.All) > 0 {
		word = " and "
	}
	return strings.Join(conditions, word)
}

// challenge shows the TXT record of the domain in DNS, and checks that its value is the
// one in Terraform's state.
func (d *demo) challenge(ctx context.Context) {
	if d.err != nil {
		return
	}
	question := new(dns.Msg).SetQuestion(dns.Fqdn(challengeRecord), dns.TypeTXT)
	reply, err := dns.ExchangeContext(ctx, question, d.srv.DNSAddress())
	if err != nil {
		d.err = err
		return
	}
	state, err := os.ReadFile(filepath.Join(d.workspace.Dir, "terraform.tfstate"))
	if err != nil {
		d.err = err
		return
	}
	d.say("\nDNS has:")
	for _, record := range reply.Answer {
		if txt, ok := record.(*dns.TXT); ok {
			value := strings.Join(txt.Txt, "")
			d.say("  " + challengeRecord + " TXT\n  " + value)
			if bytes.Contains(state, []byte(`"challenge_record_value": "`+value+`"`)) {
				return
			}
		}
	}
	if d.err == nil {
		d.err = errors.New("DNS should have the TXT record of the domain claim")
	}
}

// write writes a file of the workspace.
func (d *demo) write(name, text string) {
	if d.err == nil {
		d.err = os.WriteFile(filepath.Join(d.workspace.Dir, name), []byte(text), 0o600)
	}
}

// edit changes one line of main.tf, and shows the change.
func (d *demo) edit(before, after string) {
	if d.err != nil {
		return
	}
	text, err := os.ReadFile(filepath.Join(d.workspace.Dir, "main.tf"))
	if err != nil {
		d.err = err
		return
	}
	lines := strings.Split(string(text), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, before) })
	if at < 0 {
		d.err = fmt.Errorf("main.tf has no %s", before)
		return
	}
	changed := strings.Replace(lines[at], before, after, 1)
	d.say("\nmain.tf:\n  -" + lines[at] + "\n  +" + changed)
	lines[at] = changed
	d.write("main.tf", strings.Join(lines, "\n"))
}

// sentNothing checks that there were no write requests since the last reset of the
// ledger.
func (d *demo) sentNothing() {
	if d.err == nil && len(d.srv.Writes()) > 0 {
		d.err = errors.New("the provider should not have sent anything")
	}
}
