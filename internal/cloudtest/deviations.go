// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"net/http"
	"slices"
)

// deviation is a way in which replies break the contract on purpose.
type deviation struct {
	route   string
	problem string // the error text of the contract's check
}

// deviations returns the deviations that options request. Everything else that is wrong
// with a reply is a violation.
func (s *settings) deviations() []deviation {
	var all []deviation
	if s.refusesLists == http.StatusBadRequest || s.deletesInPart {
		all = append(all, deviation{deleteMembersRoute, "status 400 is not in the contract"})
	}
	missing := func(route, at, name string) {
		all = append(all, deviation{route, fmt.Sprintf("body at %s%s: property %q is missing", at, name, name)})
	}
	if s.certificateForm == CertificatesLeftOut {
		missing(getIdPRoute, "/configuration/saml_idp/", "public_certificate")
		missing(putIdPRoute, "/configuration/saml_idp/", "public_certificate")
	}
	if s.noMembersList {
		missing(listMembersRoute, "/", "members")
	}
	for route, list := range map[string]string{
		listMembersRoute:      "members",
		listInvitationsRoute:  "invitations",
		listDomainsRoute:      "domains",
		listRoleMappingsRoute: "mappings",
	} {
		if s.emptyListsLeftOut {
			missing(route, "/", list)
		}
		if s.emptyListsNull {
			all = append(all, deviation{route, fmt.Sprintf("body at /%s: Value is not nullable", list)})
		}
	}
	return all
}

// deviates reports whether a reply breaks the contract in a way that an option
// requests.
func (s *Server) deviates(route string, problem error) bool {
	return slices.Contains(s.deviations(), deviation{route, problem.Error()})
}
