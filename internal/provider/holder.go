// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import "fmt"

// The kinds of principals, in the order in which they are listed.
const (
	principalMember     = "member"
	principalInvitation = "invitation"
	principalMapping    = "role_mapping"
)

// holder is a principal with grants.
type holder struct {
	kind string
	key  string // lower-case address, or the name of a mapping
}

// words names the holder in a sentence.
func (h holder) words() string {
	switch h.kind {
	case principalInvitation:
		return onOneLine(h.key) + " (invitation)"
	case principalMapping:
		return fmt.Sprintf("role mapping %q", h.key)
	}
	return onOneLine(h.key)
}
