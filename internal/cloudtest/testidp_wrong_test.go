// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"strings"
	"testing"
)

// A traced sign-in works like any other, and fails with each mistake.
func TestSignInTraced(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	entityID, acs := s.spEntityID(s.organizations[0]), s.acsURL(s.organizations[0])
	good, err := s.SignInTraced(idp, Nothing, "a@example.com", "staff")
	if err != nil {
		t.Fatal(err)
	}
	equalList(t, "members", s.Emails(), "a@example.com")
	for _, text := range []string{`Destination="` + acs, ">" + entityID + "<", `Name="email"`, ">staff<", "X509Certificate"} {
		if !strings.Contains(good.Response, text) {
			t.Errorf("%s is not in the response: %s", text, good.Response)
		}
	}
	if !strings.Contains(good.Request, ">"+entityID+"<") {
		t.Errorf("the request does not name the service: %s", good.Request)
	}
	for wrong, want := range map[Wrong]string{
		Unsigned:        "the signature should be verifiable",
		SlowClock:       "IssueInstant expired",
		ReportsFailure:  "status:Responder",
		StartsItself:    "`InResponseTo` does not match",
		SendsNoEmail:    "an attribute named email",
		KnowsNoServices: "no application with the entity ID " + entityID,
	} {
		trace, err := s.SignInTraced(idp, wrong, "b@example.com", "staff")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		equal(t, want+": request", trace.Request != "", true)
		equal(t, want+": response", trace.Response != "", wrong != KnowsNoServices)
	}
	equalList(t, "nobody joined", s.Emails(), "a@example.com")

	idp.Trust(entityID, acs)
	if _, err := s.SignInTraced(idp, KnowsNoServices, "b@example.com"); err != nil {
		t.Errorf("an IdP that knows the service: %v", err)
	}
	s.RemoveIdP()
	if trace, err := s.SignInTraced(idp, Nothing, "c@example.com"); err == nil || trace != (Trace{}) {
		t.Errorf("without an IdP: %v, %v", trace, err)
	}
}
