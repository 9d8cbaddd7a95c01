// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"strings"
	"testing"
)

// Of the replies of an option that break the contract, nothing else is excused.
func TestDeviationsExcuseNothingElse(t *testing.T) {
	t.Parallel()
	const failure = `{"errors":[{"code":"a","message":"b"}]}`
	const without = `{"login_identifier":"","sso_login_url":"","metadata_url":"","acs":"","sp_entity_id":"","signing_certificate":[],"encryption_certificate":[],` +
		`"configuration":{"enabled":true,"login_identifier_prefix":"a","saml_idp":{"issuer":"i","sso_url":"u"}}}`
	for _, test := range []struct {
		opts         []Option
		method, path string
		status       int
		body         string
		violations   int
	}{
		{nil, "DELETE", "/members/1,2", 400, failure, 1},
		{[]Option{RefusesLists(404)}, "DELETE", "/members/1,2", 400, failure, 1},
		{[]Option{RefusesLists(400)}, "DELETE", "/members/1,2", 400, failure, 0},
		{[]Option{RefusesLists(400)}, "DELETE", "/members/1,2", 409, failure, 1},
		{[]Option{RefusesLists(400)}, "DELETE", "/members/1,2", 404, `{}`, 1},
		{[]Option{DeletesInPart()}, "DELETE", "/members/1,2", 400, failure, 0},
		{[]Option{DeletesInPart()}, "DELETE", "/invitations/1,2", 409, failure, 1},
		{[]Option{NoMembersList()}, "GET", "/members", 200, `{}`, 0},
		{[]Option{NoMembersList()}, "GET", "/members", 200, `{"members":null}`, 1},
		{[]Option{NoMembersList()}, "GET", "/invitations", 200, `{}`, 1},
		{[]Option{EmptyListsLeftOut()}, "GET", "/domains", 200, `{}`, 0},
		{[]Option{EmptyListsLeftOut()}, "GET", "/domains", 200, `{"domains":null}`, 1},
		{[]Option{EmptyListsNull()}, "GET", "/domains", 200, `{"domains":null}`, 0},
		{[]Option{EmptyListsNull()}, "GET", "/domains", 200, `{"domains":[null]}`, 1},
		{[]Option{EmptyListsNull()}, "GET", "/domains", 200, `{}`, 1},
		{[]Option{Certificates(CertificatesLeftOut)}, "GET", "/idp", 200, without, 0},
		{[]Option{Certificates(CertificatesLeftOut)}, "PUT", "/idp", 200, without, 0},
		{[]Option{Certificates(CertificatesTwice)}, "GET", "/idp", 200, without, 1},
		{[]Option{Certificates(CertificatesLeftOut)}, "GET", "/idp", 200, strings.Replace(without, `"issuer"`, `"public_certificate":null,"issuer"`, 1), 1},
		{[]Option{Certificates(CertificatesLeftOut)}, "GET", "/idp", 200, strings.Replace(without, `"issuer":"i",`, "", 1), 1},
	} {
		s := Start(append(test.opts, InProcess())...)
		op, _ := s.contract.find(test.method, apiRoot+"/organizations/1"+test.path)
		s.checkReply(op, op.route, reply{status: test.status, header: map[string][]string{"Content-Type": {"application/json"}}}, []byte(test.body))
		if got := s.Violations(); len(got) != test.violations {
			t.Errorf("%s %s, %d %s: violations %q, want %d", test.method, test.path, test.status, test.body, got, test.violations)
		}
		s.Close()
	}
}
