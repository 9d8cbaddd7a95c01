// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// attributes are those of each resource that this program knows. A change of another one
// may change access in a way that it cannot say.
var attributes = map[string]string{
	"elasticcloud_domain_claim":            "challenge_record_name challenge_record_value domain id verified",
	"elasticcloud_domain_verification":     "challenge_record_value domain id timeouts",
	"elasticcloud_member":                  "allow_last_owner_removal email id invitation_expires_at invitation_expires_in member_since name roles status user_id",
	"elasticcloud_members":                 "allow_last_owner_removal id invitation_expires_in max_removals members pending",
	"elasticcloud_members_exclusive":       "allow_last_owner_removal emails id max_removals strangers",
	"elasticcloud_role_assignment":         "email id role status",
	"elasticcloud_role_mapping":            "enabled id name roles rule",
	"elasticcloud_role_mappings_exclusive": "id max_removals names strangers",
	"elasticcloud_saml_idp":                "acs_url certificates certificates_expire_at enabled encryption_certificates id issuer login_identifier login_identifier_prefix metadata_url signing_certificates sp_entity_id sso_login_url sso_url",
	"elasticcloud_saml_service_provider":   "acs_url encryption_certificates id login_identifier login_identifier_prefix metadata_url signing_certificates sp_entity_id sso_login_url",
	"elasticcloud_sso_enforcement":         "id",
}

// unknownAttributes lists the attributes that change and that this program does not know.
func (c change) unknownAttributes() (names []string) {
	known := strings.Fields(attributes[c.Type])
	changed := map[string]bool{}
	for _, o := range []*object{c.before, c.after} {
		if o != nil {
			for name := range o.values {
				changed[name] = !reflect.DeepEqual(c.before.valueOf(name), c.after.valueOf(name)) || changed[name]
			}
		}
	}
	if c.after != nil {
		marks, _ := c.after.unknown.(map[string]any)
		for name, mark := range marks {
			changed[name] = changed[name] || anyMarked(mark)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if changed[name] && !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

// valueOf is an attribute, nil if the resource is not there.
func (o *object) valueOf(name string) any {
	if o == nil {
		return nil
	}
	return o.values[name]
}
