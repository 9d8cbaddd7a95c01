// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// readReplies finds out what all replies of the run show together. It sends no request.
func (p *probe) readReplies() {
	p.readPages()
	p.readEmptyLists()
	p.readHeaders()
	p.readEnforcement()
	p.readIdP()
}

// lists returns the replies with a list of the organization, by the name of the list.
func (p *probe) lists() map[string][]*exchange {
	found := map[string][]*exchange{}
	names := map[string]string{"members": "members", "invitations": "invitations", "role_mappings": "mappings", "domains": "domains"}
	for _, e := range p.gate.exchanges {
		area := e.path[strings.LastIndex(e.path, "/")+1:]
		if name := names[area]; name != "" && e.method == http.MethodGet && e.status == http.StatusOK && e.fields() != nil {
			found[name] = append(found[name], e)
		}
	}
	return found
}

var listNames = []string{"members", "invitations", "mappings", "domains"}

func (p *probe) readPages() {
	lists := p.lists()
	var paged []string
	for _, name := range listNames {
		if slices.ContainsFunc(lists[name], func(e *exchange) bool { return hasNextPage(e) }) {
			paged = append(paged, name)
		}
	}
	s := p.before
	failed := s.membersErr != nil || s.invitationsErr != nil || s.mappingsErr != nil || s.domainsErr != nil
	switch {
	case len(lists) == 0:
		p.notKnown("pages", "no list could be read")
	case len(paged) == 0:
		p.find("pages", "not paged", "")
	case failed:
		p.find("pages", "paged, and next_page does not work", "next_page in %s", strings.Join(paged, ", "))
	default:
		p.find("pages", "paged, and next_page works", "next_page in %s", strings.Join(paged, ", "))
	}
}

func hasNextPage(e *exchange) bool {
	next := string(e.fields()["next_page"])
	return next != "" && next != "null" && next != `""`
}

// readEmptyLists notes in which form the replies had empty lists.
func (p *probe) readEmptyLists() {
	lists := p.lists()
	var forms, seen []string
	for _, name := range listNames {
		for _, e := range lists[name] {
			form := emptyForm(e.fields()[name])
			if text := name + " " + form; form != "" && !slices.Contains(seen, text) {
				forms, seen = append(forms, form), append(seen, text)
			}
		}
	}
	slices.Sort(forms)
	if forms = slices.Compact(forms); len(forms) == 0 {
		p.notKnown("empty", "no list was empty")
		return
	}
	p.find("empty", strings.Join(forms, ", "), "%s", strings.Join(seen, ", "))
}

func emptyForm(list json.RawMessage) string {
	var items []json.RawMessage
	switch {
	case list == nil:
		return "left out"
	case string(list) == "null":
		return "null"
	case json.Unmarshal(list, &items) == nil && len(items) == 0:
		return "[]"
	}
	return ""
}

func (p *probe) readHeaders() {
	for id, names := range map[string][]string{
		"date":           {"Date"},
		"rate":           {"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Interval"},
		"key-expiration": {"X-Elastic-Api-Key-Expiration"},
	} {
		p.readHeader(id, names)
	}
	refusals, withHeader := 0, 0
	for _, e := range p.gate.exchanges {
		if e.status == http.StatusTooManyRequests {
			refusals++
			if e.header.Get("Retry-After") != "" {
				withHeader++
			}
		}
	}
	switch {
	case refusals == 0:
		p.notKnown("retry-after", "nothing was answered with 429")
	case withHeader == 0:
		p.find("retry-after", notShown, "replies with 429: %d", refusals)
	default:
		p.find("retry-after", shown, "in %d of %d replies", withHeader, refusals)
	}
}

// readHeader notes how many replies have one of the headers.
func (p *probe) readHeader(id string, names []string) {
	replies, with := 0, 0
	var seen []string
	for _, e := range p.gate.exchanges {
		if e.status == 0 {
			continue
		}
		replies++
		has := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return e.header.Get(name) == "" })
		if len(has) > 0 {
			with, seen = with+1, has
		}
	}
	switch {
	case replies == 0:
		p.notKnown(id, "nothing was answered")
	case with == 0:
		p.find(id, notShown, "in none of %d replies", replies)
	default:
		p.find(id, shown, "%s in %s", strings.Join(seen, ", "), inReplies(with, replies))
	}
}

func inReplies(with, replies int) string {
	if with == replies {
		return "all replies"
	}
	return fmt.Sprintf("%d of %d replies", with, replies)
}

func (p *probe) readEnforcement() {
	i := slices.IndexFunc(p.gate.exchanges, func(e *exchange) bool {
		return e.path == "/organizations/"+p.organizationID && e.status == http.StatusOK
	})
	if i < 0 {
		p.notKnown("enforcement", "the organization could not be read")
		return
	}
	value := p.gate.exchanges[i].fields()["enforce_authentication_method"]
	switch text := string(value); {
	case value == nil:
		p.find("enforcement", notShown, "")
	case text == "null" || text == `"sso"` || text == `""`:
		p.find("enforcement", shown, "%s", text)
	default:
		p.find("enforcement", shown, "another value than \"sso\" and null")
	}
}

// readIdP notes in which form the service returns the IdP's certificates and addresses,
// as far as that shows without writing them.
func (p *probe) readIdP() {
	var reply struct {
		Configuration struct {
			SAML struct {
				Issuer       string    `json:"issuer"`
				SSOURL       string    `json:"sso_url"`
				Certificates *[]string `json:"public_certificate"`
			} `json:"saml_idp"`
		} `json:"configuration"`
	}
	i := slices.IndexFunc(p.gate.exchanges, func(e *exchange) bool {
		return e.method == http.MethodGet && strings.HasSuffix(e.path, "/idp") && e.status == http.StatusOK
	})
	if i < 0 || json.Unmarshal(p.gate.exchanges[i].body.Bytes(), &reply) != nil {
		p.unfound([]string{"certificates", "addresses"}, "no SAML IdP is configured, or it could not be read")
		return
	}
	saml := reply.Configuration.SAML
	if saml.Certificates == nil {
		p.find("certificates", "left out", "")
	} else {
		p.readCertificates(*saml.Certificates)
	}
	if keepsCase(saml.Issuer) || keepsCase(saml.SSOURL) {
		p.find("addresses", "case kept", "a host with a letter in upper case; whether a slash at the end is kept shows only when it is written")
		return
	}
	p.notKnown("addresses", "no host has a letter in upper case; needs writing the configuration of the IdP")
}

// keepsCase reports whether an address has an upper-case letter in a part where the
// case has no meaning.
func keepsCase(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != strings.ToLower(u.Host)
}

func (p *probe) readCertificates(entries []string) {
	var forms []string
	count := 0
	for _, entry := range entries {
		form, certificates := certificateForm(entry)
		forms = append(forms, form)
		count += certificates
	}
	slices.Sort(forms)
	forms = slices.Compact(forms)
	seen := fmt.Sprintf("certificates: %d, entries: %d", count, len(entries))
	switch {
	case len(entries) == 0:
		p.find("certificates", "[]", "")
	case count > len(entries):
		p.find("certificates", "joined", "%s, %s", strings.Join(forms, ", "), seen)
	default:
		p.find("certificates", strings.Join(forms, ", "), "%s", seen)
	}
}

// certificateForm returns the form of an entry, and how many certificates it has.
func certificateForm(entry string) (form string, certificates int) {
	raw, times, unpadded := []byte(entry), 0, ""
	for ; times < 3; times++ {
		if n := countPEM(raw); n > 0 {
			return []string{"PEM", "base64 of PEM", "base64 of base64 of PEM"}[times] + unpadded, n
		}
		if _, err := x509.ParseCertificate(raw); err == nil {
			return "base64 of DER" + unpadded, 1
		}
		if times == 2 {
			break
		}
		text := strings.Join(strings.Fields(string(raw)), "")
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			if decoded, err = base64.RawStdEncoding.DecodeString(text); err != nil {
				break
			}
			unpadded = ", without padding"
		}
		raw = decoded
	}
	return "in another form", 0
}

func countPEM(raw []byte) int {
	n := 0
	for {
		block, rest := pem.Decode(raw)
		if block == nil {
			return n
		}
		n, raw = n+1, rest
	}
}
