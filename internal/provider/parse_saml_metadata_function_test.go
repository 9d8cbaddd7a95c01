// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func metadataFile(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "saml", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// What the products write, each in its own way.
func TestParseSAMLMetadata(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		issuer, ssoURL string
		subjects       []string
	}{
		"okta.xml": {"http://www.okta.com/exk1fcia6d6EMsf331d8", "https://acme.okta.example/app/acme_elasticcloud_1/exk1fcia6d6EMsf331d8/sso/saml", []string{"CN=acme"}},
		"entra-id.xml": {"https://sts.windows.example/2c4ee562-6261-4018-a1b1-8837ab526944/", "https://login.microsoftonline.example/2c4ee562-6261-4018-a1b1-8837ab526944/saml2",
			[]string{"CN=Microsoft Azure Federated SSO Certificate", "CN=Microsoft Azure Federated SSO Certificate"}},
		"google.xml":   {"https://accounts.google.example/o/saml2?idpid=C03abcdef", "https://accounts.google.example/o/saml2/idp?idpid=C03abcdef&forceauthn=false", []string{"CN=Google"}},
		"keycloak.xml": {"https://keycloak.acme.example/realms/acme", "https://keycloak.acme.example/realms/acme/protocol/saml", []string{"CN=acme"}},
		"adfs.xml":     {"http://adfs.acme.example/adfs/services/trust", "https://adfs.acme.example/adfs/ls/", []string{"CN=ADFS Signing - adfs.acme.example"}},
	} {
		got, err := parseSAMLMetadata(metadataFile(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var subjects []string
		for _, certificate := range uniqueCertificates(got.certificates) {
			subjects = append(subjects, certificate.Subject.String())
		}
		if got.issuer != want.issuer || got.ssoURL != want.ssoURL || !slices.Equal(subjects, want.subjects) {
			t.Errorf("%s: %+v, %q", name, got, subjects)
		}
		for _, text := range got.certificates {
			if !regexp.MustCompile(`^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{64}\n)+([A-Za-z0-9+/=]{1,63}\n)?-----END CERTIFICATE-----\n$`).MatchString(text) {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
	idp := cloudtest.NewTestIdP()
	both := []string{idp.Certificate(), idp.NextCertificate()}
	for _, shape := range cloudtest.Shapes {
		got, err := parseSAMLMetadata(idp.Metadata(shape))
		if err != nil || got.issuer != idp.Issuer || got.ssoURL != idp.SSOURL || !sameCertificates(got.certificates, both) {
			t.Errorf("%s: %+v, %v", shape, got, err)
		}
	}
}

const (
	postBinding  = `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/sso"/>`
	otherBinding = `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/redirect"/>`
)

func keyFor(use, certificate string) string {
	return fmt.Sprintf(`<KeyDescriptor%s><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`, use, certificate)
}

func entity(id string, roles ...string) string {
	return fmt.Sprintf(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s">%s</EntityDescriptor>`, id, strings.Join(roles, ""))
}

func idpRole(parts ...string) string {
	return `<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` + strings.Join(parts, "") + `</IDPSSODescriptor>`
}

func entitiesOf(parts ...string) string {
	return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` + strings.Join(parts, "") + `</EntitiesDescriptor>`
}

const spRole = `<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example/acs" index="0"/></SPSSODescriptor>`

func TestParseSAMLMetadataVariants(t *testing.T) {
	t.Parallel()
	first, second := longLived(t, "a"), longLived(t, "b")
	a, b := bareOf(first), bareOf(second)
	whole := entity("urn:idp", idpRole(keyFor("", a), postBinding))
	for name, c := range map[string]struct {
		xml  string
		want []string
	}{
		"no use":               {whole, []string{first}},
		"byte-order mark":      {byteOrderMark + "\n" + whole, []string{first}},
		"other encoding":       {`<?xml version="1.0" encoding="utf-16"?>` + "\r\n" + whole + "\r\n", []string{first}},
		"comment first":        {"<!-- exported -->" + whole, []string{first}},
		"spaces":               {entity(" urn:idp\n", idpRole(keyFor("", "\r\n  "+a[:50]+"\t\r\n"+a[50:]+"\n "), postBinding)), []string{first}},
		"several keys":         {entity("urn:idp", idpRole(keyFor(` use="encryption"`, "nothing"), keyFor(` use="signing"`, a), keyFor(` use="signing"`, b), keyFor("", a), otherBinding, postBinding)), []string{first, second}},
		"several descriptors":  {entity("urn:idp", idpRole(keyFor("", a), otherBinding), idpRole(keyFor("", b), postBinding)), []string{first, second}},
		"other protocol first": {entity("urn:idp", strings.Replace(idpRole(keyFor("", b), strings.Replace(postBinding, "idp.example", "old.example", 1)), "SAML:2.0:protocol", "SAML:1.1:protocol", 1), idpRole(keyFor("", a), postBinding)), []string{first}},
		"nested, beside a SP":  {entitiesOf(entity("urn:sp", spRole), entitiesOf(entity("urn:idp", spRole, idpRole(keyFor("", a), postBinding)))), []string{first}},
	} {
		got, err := parseSAMLMetadata(c.xml)
		if err != nil || got.issuer != "urn:idp" || got.ssoURL != "https://idp.example/sso" || !slices.Equal(got.certificates, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// badMetadata has texts that are not the metadata of one IdP, with the expected error.
func badMetadata(t testing.TB) map[string][2]string {
	okta := metadataFile(t, "okta.xml")
	key := keyFor("", strings.Split(strings.Split(okta, "<ds:X509Certificate>")[1], "<")[0])
	return map[string][2]string{
		"empty":                {" \n", "the text is empty"},
		"declaration alone":    {`<?xml version="1.0"?>`, "the text is empty"},
		"comment alone":        {`<!-- nothing -->`, "the text contains no element"},
		"text":                 {"okta-metadata.xml", `this is not XML. Pass the metadata itself, such as file("metadata.xml")`},
		"address":              {"https://acme.okta.example/metadata", "The function makes no network call"},
		"login page":           {"<!DOCTYPE html>\n<html><body><form></form></body></html>", "this is an HTML page"},
		"login page, bare":     {"<!-- sso -->\n<HTML lang=en><br><p>Sign in", "this is an HTML page"},
		"cut off":              {okta[:len(okta)-30], "this is not XML, or it is incomplete"},
		"other XML":            {`<rss version="2.0"/>`, "it begins with rss, not with EntityDescriptor"},
		"other namespace":      {`<EntityDescriptor entityID="a"/>`, "this is not SAML metadata"},
		"DOCTYPE":              {`<!DOCTYPE e [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + entity("&a;", idpRole()), "the text contains a DOCTYPE"},
		"unknown entity":       {entity("urn:idp", "&a;"), "this is not XML"},
		"too deep":             {entity("urn:idp", strings.Repeat("<a>", 70)+strings.Repeat("</a>", 70)), "nested too deep"},
		"too large":            {entity("urn:idp", strings.Repeat(" ", maxMetadataSize)), "larger than 1 MiB"},
		"no role":              {entity("urn:idp"), "the IDPSSODescriptor is missing"},
		"service provider":     {entity("urn:sp", spRole), "this is the metadata of a service provider (urn:sp)"},
		"nobody":               {entitiesOf(), "the metadata contains no IdP"},
		"several":              {entitiesOf(entity("urn:a", idpRole()), entity("urn:b", idpRole())), "the metadata contains several IdPs: urn:a, urn:b"},
		"no entity ID":         {entity("", idpRole(key, postBinding)), "has no entityID"},
		"no endpoint":          {entity("urn:idp", idpRole(key)), "urn:idp: the IdP has no SingleSignOnService"},
		"no POST":              {entity("urn:idp", idpRole(key, otherBinding)), "only of urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect. Enable HTTP-POST for sign-in requests at the IdP, and download its metadata again"},
		"odd endpoint":         {entity("urn:idp", idpRole(key, strings.Replace(postBinding, "https", "gopher", 1))), "this is not SAML metadata"},
		"no key":               {entity("urn:idp", idpRole(postBinding)), "the IdP has no signing certificate"},
		"encryption key alone": {entity("urn:idp", idpRole(strings.Replace(key, "<KeyDescriptor", `<KeyDescriptor use="encryption"`, 1), postBinding)), "the IdP has no signing certificate"},
		"bad key":              {entity("urn:idp", idpRole(keyFor("", "AAAA"), postBinding)), "signing certificate 1 cannot be read"},
	}
}

func TestParseSAMLMetadataRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range badMetadata(t) {
		if _, err := parseSAMLMetadata(c[0]); err == nil || !strings.Contains(err.Error(), c[1]) || len(err.Error()) > 600 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParseSAMLMetadata checks that any text is read with little work, and that each result
// is complete.
func FuzzParseSAMLMetadata(f *testing.F) {
	for _, name := range []string{"okta.xml", "entra-id.xml", "google.xml", "keycloak.xml", "adfs.xml"} {
		f.Add(metadataFile(f, name))
	}
	for name, c := range badMetadata(f) {
		if name != "too large" {
			f.Add(c[0])
		}
	}
	for _, text := range metadataBombs("http://127.0.0.1:1") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		metadata, err := parseBounded(t, text)
		if err != nil {
			return
		}
		if metadata.issuer == "" || metadata.ssoURL == "" || len(metadata.certificates) == 0 {
			t.Fatalf("something is missing: %+v", metadata)
		}
		for _, text := range metadata.certificates {
			if read, err := readCertificates(text); err != nil || len(read) != 1 {
				t.Fatalf("%q: %d certificates, %v", text, len(read), err)
			}
		}
	})
}

// The function feeds the resource, and an error names the argument.
func TestParseSAMLMetadataFunction(t *testing.T) {
	t.Parallel()
	srv := newDomainOwner(t)
	hcl := fmt.Sprintf(`
locals {
  metadata = provider::elasticcloud::parse_saml_metadata(%q)
}
resource "elasticcloud_saml_idp" "idp" {
  login_identifier_prefix = "acme"
  issuer                  = local.metadata.issuer
  sso_url                 = local.metadata.sso_url
  certificates            = local.metadata.certificates
}
output "metadata" {
  value = local.metadata
}
`, metadataFile(t, "entra-id.xml"))
	// what is not known at plan is known at apply
	hcl += fmt.Sprintf("resource \"terraform_data\" \"late\" {\n  input = %q\n}\noutput \"issuer\" {\n  value = provider::elasticcloud::parse_saml_metadata(terraform_data.late.output).issuer\n}\n", metadataFile(t, "okta.xml"))
	runSteps(t, srv,
		resource.TestStep{
			Config:      `output "metadata" { value = provider::elasticcloud::parse_saml_metadata("okta.xml") }`,
			PlanOnly:    true,
			ExpectError: spaced(`Invalid value for "xml" parameter: this is not XML. Pass the metadata itself`),
		},
		resource.TestStep{Config: hcl, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("metadata", knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"issuer":       knownvalue.StringExact("https://sts.windows.example/2c4ee562-6261-4018-a1b1-8837ab526944/"),
				"certificates": knownvalue.ListSizeExact(2),
			})),
			statecheck.ExpectKnownOutputValue("issuer", knownvalue.StringExact("http://www.okta.com/exk1fcia6d6EMsf331d8")),
		}},
		resource.TestStep{Config: hcl, ConfigPlanChecks: emptyPlan},
	)
}
