// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/base64"
	"fmt"
	"net/http"
)

// pagedRoutes are the lists of which a client may request another page, although the
// contract does not say how.
var pagedRoutes = []string{
	"GET /organizations",
	listMembersRoute,
	listInvitationsRoute,
	listDomainsRoute,
	listRoleMappingsRoute,
}

// listReply returns the reply with a list, which has one page unless Pages is set.
func listReply[T any](s *Server, c call, name string, items []T) reply {
	if s.ignoresNextPage {
		c.query = nil
	}
	return pageReply(s, c, name, items, s.pageSize)
}

// pageReply returns the reply with the page of a list that a call requests. Size 0
// means the whole list.
func pageReply[T any](s *Server, c call, name string, items []T, size int) reply {
	first := 0
	if cursor := c.query.Get("next_page"); cursor != "" {
		index, returned := s.cursors[c.route+" "+cursor]
		if !returned {
			s.violation("%s: next_page %q was never returned", c.route, cursor)
			index = len(items)
		}
		first = min(index, len(items)) // the list may have become shorter in the meantime
	}
	end := len(items)
	if size > 0 {
		end = min(first+size, len(items))
	}
	page := shuffle(s.writer, items[first:end])
	body := map[string]any{name: page}
	switch {
	case s.noMembersList && name == "members", s.emptyListsLeftOut && len(items) == 0:
		delete(body, name)
	case s.emptyListsNull && len(items) == 0:
		body[name] = nil
	}
	if end < len(items) {
		cursor := pageCursor(end)
		body["next_page"] = cursor
		s.cursors[c.route+" "+cursor] = end
	}
	return reply{status: http.StatusOK, body: body, items: len(page)}
}

// pageCursor returns a cursor that has to be escaped in a query.
func pageCursor(index int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "~>>%d", index))
}
