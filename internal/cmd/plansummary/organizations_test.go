// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// Two organizations in one configuration, in modules too.
const twoOrganizations = `{
	"provider_config": {
		"elasticcloud": {"name": "elasticcloud", "full_name": "registry.terraform.io/elasticcloud-access/elasticcloud"},
		"elasticcloud.other": {"name": "elasticcloud", "alias": "other", "full_name": "registry.terraform.io/elasticcloud-access/elasticcloud"}
	},
	"root_module": {
		"resources": [
			{"address": "KIND.first", "mode": "managed", "type": "KIND", "name": "first", "provider_config_key": "elasticcloud"},
			{"address": "KIND.second", "mode": "managed", "type": "KIND", "name": "second", "provider_config_key": "elasticcloud.other"}
		],
		"module_calls": {"team": {"module": {"resources": [
			{"address": "KIND.third", "mode": "managed", "type": "KIND", "name": "third", "provider_config_key": "elasticcloud.other"}
		]}}}
	}
}`

// What happens in one organization is not made up for by the other.
func TestOrganizations(t *testing.T) {
	t.Parallel()
	const (
		remove  = `["delete"]`
		create  = `["create"]`
		noOp    = `["no-op"]`
		alice   = `{"email": "alice@example.com", "roles": ["organization-admin"], "status": "active", "id": "alice@example.com"}`
		mapping = `{"name": "staff", "enabled": true, "roles": ["billing-admin"], "rule": {"any": [{"group": "staff"}]}}`
		idp     = `{"issuer": "a", "sso_url": "b", "enabled": true, "certificates": []}`
		nowhere = "does not name the organization"
	)
	at := func(address, kind, actions, before, after string) string {
		return strings.Replace(resource(kind, actions, before, after, "{}", "{}"), kind+".this", address, 1)
	}
	for name, test := range map[string]struct {
		kind    string
		changes []string
		want    []string
		not     string
	}{
		"to the other organization": {"elasticcloud_member",
			[]string{at("elasticcloud_member.first", "elasticcloud_member", remove, alice, "null"), at("elasticcloud_member.second", "elasticcloud_member", create, "null", alice)},
			[]string{"**Owners change, 1 person gains access, 1 person loses all access.**", "- In `elasticcloud`: **`alice@example.com`, an owner, is removed from the organization.**\n", "- In `elasticcloud.other`: **`alice@example.com` becomes an owner**", "- In `elasticcloud.other`: `alice@example.com` is invited by e-mail"}, nowhere},
		"stays in the other organization": {"elasticcloud_member",
			[]string{at(`elasticcloud_member.first[\"a.b[0]\"]`, "elasticcloud_member", remove, alice, "null"), at(`module.team[\"x\\\"]\"].elasticcloud_member.third[0]`, "elasticcloud_member", noOp, alice, alice)},
			[]string{"**Owners change, 1 person loses all access.**", "- In `elasticcloud`: `alice@example.com` is removed from the organization and loses `organization-admin`.\n"}, nowhere},
		"within one organization": {"elasticcloud_member",
			[]string{at("elasticcloud_member.second", "elasticcloud_member", remove, alice, "null"), at("module.team[0].elasticcloud_member.third", "elasticcloud_member", create, "null", alice)},
			[]string{"**Nobody gains or loses access.**", "- In `elasticcloud.other`: `alice@example.com` keeps `organization-admin`, now from another resource.\n"}, "Look at this first"},
		"gone from the configuration": {"elasticcloud_member",
			[]string{at(`elasticcloud_member.gone[\"a\"]`, "elasticcloud_member", remove, alice, "null"), at("elasticcloud_member.second", "elasticcloud_member", noOp, alice, alice)},
			[]string{"- For `elasticcloud_member.gone` (organization not known): **`alice@example.com`, an owner, is removed from the organization.**\n", nowhere}, "elasticcloud.other"},
		"mapping in the other organization": {"elasticcloud_role_mapping",
			[]string{at("elasticcloud_role_mapping.first", "elasticcloud_role_mapping", remove, mapping, "null"),
				at("elasticcloud_role_mappings_exclusive.gone", "elasticcloud_role_mappings_exclusive", `["update"]`, `{"names": ["staff"]}`, `{"names": []}`)},
			[]string{"**Unclear. At least 2 role mappings change.**", "- In `elasticcloud`: `staff` is deleted", "- For `elasticcloud_role_mappings_exclusive.gone` (organization not known): The role mapping `staff` is removed"}, ""},
		"two identity providers": {"elasticcloud_saml_idp",
			[]string{at("elasticcloud_saml_idp.first", "elasticcloud_saml_idp", remove, idp, "null"), at("elasticcloud_saml_idp.second", "elasticcloud_saml_idp", remove, idp, "null")},
			[]string{"- In `elasticcloud`: **The SAML identity provider is deleted.**", "- In `elasticcloud.other`: **The SAML identity provider is deleted.**"}, nowhere},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plan.json")
			writeFile(t, file, []byte(`{"format_version": "1.2", "resource_changes": [`+strings.Join(test.changes, ",")+`],
				"configuration": `+strings.ReplaceAll(twoOrganizations, "KIND", test.kind)+`}`))
			got := summaryWithoutEvents(t, file)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in:\n%s", want, got)
				}
			}
			if test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("%q is in:\n%s", test.not, got)
			}
		})
	}
}

// A warning is about somebody in the organization of its resource.
func TestWarningsOfSeveralOrganizations(t *testing.T) {
	t.Parallel()
	const alice = `{"email": "alice@example.com", "roles": ["billing-admin"], "status": "active", "id": "alice@example.com"}`
	detail := warning.IsMember.With() + " " + warning.ApplyRevokes.With([]cloud.Grant{{Role: "organization-admin"}})
	for where, want := range map[string]string{
		"elasticcloud_member.second": "- In `elasticcloud.other`: **`alice@example.com` is no longer an owner**: loses `organization-admin`.\n",
		"elasticcloud_member.first":  "- In `elasticcloud`: **`alice@example.com` is no longer an owner**: loses `organization-admin`.\n",
	} {
		base := filepath.Join(t.TempDir(), "plan")
		changes := []string{}
		for _, name := range []string{"first", "second"} {
			changes = append(changes, strings.Replace(resource("elasticcloud_member", `["create"]`, "null", alice, "{}", "{}"), ".this", "."+name, 1))
		}
		writeFile(t, base+".json", []byte(`{"format_version": "1.2", "configuration": `+strings.ReplaceAll(twoOrganizations, "KIND", "elasticcloud_member")+`, "resource_changes": [`+strings.Join(changes, ",")+`]}`))
		writeFile(t, base+".jsonl", []byte(eventsOf(plannedEvent("create", "elasticcloud_member.first"), plannedEvent("create", "elasticcloud_member.second"), warningEvent(where, warning.Adopted.With("alice@example.com"), detail))))
		if got := summaryOf(t, "-events", base+".jsonl", base+".json"); !strings.Contains(got, want) || !strings.Contains(got, "**Owners change, 1 person gains access, 1 person is adopted.**") || strings.Count(got, "no longer an owner") != 1 {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}
