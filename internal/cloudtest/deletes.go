// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"net/http"
	"strings"
)

// deleteList answers a DELETE whose path has a comma-separated list. It calls the
// handler with the entries to delete: all, unless an option says otherwise. notFound is
// the code of the route's own 404.
func (s *Server) deleteList(list, notFound string, handle func(entries []string) reply) reply {
	entries := strings.Split(list, ",")
	switch {
	case len(entries) == 1:
	case s.refusesLists == http.StatusNotFound:
		return fail(http.StatusNotFound, notFound, "%s not found", list)
	case s.refusesLists != 0:
		return fail(s.refusesLists, "root.invalid_request", "one entry is allowed, and there are %d", len(entries))
	case s.deletesFirst:
		entries = entries[:1]
	case s.deletesInPart:
		half := entries[:len(entries)/2]
		if done := handle(half); done.status != http.StatusOK {
			return done
		}
		return fail(http.StatusBadRequest, "root.invalid_request", "%d of %d entries were deleted", len(half), len(entries))
	}
	return handle(entries)
}
