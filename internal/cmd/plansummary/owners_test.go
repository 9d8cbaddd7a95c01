// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// addressed gives a change another address.
func addressed(address, change string) string {
	kind, _, _ := strings.Cut(address, ".")
	return strings.Replace(change, kind+".this", address, 1)
}

// inputOf makes an input of changes and of the warnings in events.
func inputOf(t *testing.T, plan string, lines ...string) input {
	t.Helper()
	in := input{Plan: &tfjson.Plan{}}
	if err := json.Unmarshal([]byte(plan), in.Plan); err != nil {
		t.Fatal(err)
	}
	var err error
	if in.events, err = readEvents([]byte(eventsOf(lines...))); err != nil {
		t.Fatal(err)
	}
	in.events.refreshed = true
	return in
}

// Whoever becomes an owner, or stops being one, is named, however the plan does it.
func TestOwnersAreNamed(t *testing.T) {
	t.Parallel()
	const (
		create = `["create"]`
		remove = `["delete"]`
		noOp   = `["no-op"]`
		update = `["update"]`
		forget = `["forget"]`
		person = `{"email": "alice@example.com", "roles": %s, "status": %q, "id": "alice@example.com"}`
		grant  = `{"email": "alice@example.com", "role": "organization-admin", "status": %q, "id": "alice@example.com/organization-admin"}`
		idp    = `{"issuer": %q, "sso_url": "b", "enabled": true, "certificates": []}`
	)
	member := func(actions, before, after string) string {
		return resource("elasticcloud_member", actions, before, after, "{}", "{}")
	}
	someone := func(roles, status string) string { return fmt.Sprintf(person, roles, status) }
	owner, viewer, unmanaged := someone(`["organization-admin"]`, "active"), someone(`["deployment-viewer:*"]`, "active"), someone(`null`, "active")
	invited := someone(`["organization-admin"]`, "invited")
	groups := func(last string) string {
		var list []string
		for i := range 24 {
			list = append(list, fmt.Sprintf(`{"group": "g%02d"}`, i))
		}
		return fmt.Sprintf(`{"name": "owners", "enabled": true, "roles": ["organization-admin"], "rule": {"any": [%s, {"group": %q}]}}`, strings.Join(list, ", "), last)
	}
	adopted := func(sentences ...string) string {
		return warningEvent(thisMember, warning.Adopted.With("alice@example.com"), strings.Join(append([]string{warning.IsMember.With()}, sentences...), " "))
	}
	for name, test := range map[string]struct {
		changes []string
		events  []string
		has     classes // among owner, idp and unclear
		want    string
		not     string
	}{
		"by an assignment that waits": {
			[]string{member(create, "null", unmanaged), resource("elasticcloud_role_assignment", create, "null", `{"email": "alice@example.com", "role": "organization-admin"}`, "{}", `{"status": true}`)},
			[]string{warningEvent("elasticcloud_role_assignment.this", warning.NotJoined.With("alice@example.com"), warning.NotJoinedDetail.With("organization-admin"))},
			classes{classOwner: true}, "**`alice@example.com` becomes an owner after joining**", "Nobody"},
		"by an assignment that takes effect beside an adoption": {
			[]string{member(create, "null", unmanaged), resource("elasticcloud_role_assignment", update, fmt.Sprintf(grant, "pending"), fmt.Sprintf(grant, "assigned"), "{}", "{}")},
			[]string{adopted(warning.RolesNotSet.With())},
			classes{classOwner: true}, "**`alice@example.com` becomes an owner**", "Nobody"},
		"by an assignment whose member no longer sets roles": {
			[]string{addressed("elasticcloud_member.z", member(update, viewer, unmanaged)), resource("elasticcloud_role_assignment", update, fmt.Sprintf(grant, "pending"), fmt.Sprintf(grant, "assigned"), "{}", "{}")},
			nil, classes{classOwner: true}, "**`alice@example.com` becomes an owner**", "Nobody"},
		"by a new resource beside a removed block": {
			[]string{addressed("elasticcloud_member.old", member(forget, owner, "null")), member(create, "null", owner)},
			[]string{adopted(warning.ApplyGrants.With("organization-admin"))},
			classes{classOwner: true}, "**`alice@example.com` becomes an owner**", "Nobody"},
		"no longer, by a new resource beside a removed block": {
			[]string{addressed("elasticcloud_member.old", member(forget, owner, "null")), member(create, "null", viewer)},
			[]string{adopted(warning.ApplyRevokes.With("organization-admin"))},
			classes{classOwner: true}, "**`alice@example.com` is no longer an owner**", "Nobody"},
		"by a group beyond those that are shown": {
			[]string{resource("elasticcloud_role_mapping", update, groups("a"), groups("b"), "{}", "{}")},
			nil, classes{classOwner: true}, "**The role mapping `owners` grants `organization-admin` to other people**", "nobody"},
		"not at all, by an invitation that is still pending": {
			[]string{member(noOp, invited, invited)}, nil, classes{}, "**Nobody gains or loses access.**", "owner"},
		"again, by an invitation that expired": {
			[]string{member(update, someone(`["organization-admin"]`, "expired"), invited)}, nil, classes{classOwner: true}, "**`alice@example.com` is invited again as an owner**", "Nobody"},
		"no longer, without roles in the state": {
			[]string{member(remove, unmanaged, "null")},
			[]string{warningEvent("", warning.LosesOwner.With("alice@example.com"), warning.OwnerRemoved.With("alice@example.com")+" "+warning.OtherOwners.With("bob@example.com"))},
			classes{classOwner: true}, "**`alice@example.com` loses `organization-admin`**", "Nobody"},
		"not, where only the address becomes sensitive": {
			[]string{strings.Replace(member(update, owner, owner), `"before_sensitive": {}, "after_sensitive": {}`, `"before_sensitive": {}, "after_sensitive": {"email": true}`, 1)},
			nil, classes{classUnclear: true}, "**Unclear", "removed"},
		"at the next sign-in through SSO": {
			[]string{resource("elasticcloud_sso_enforcement", create, "null", `{"id": "1"}`, "{}", "{}")},
			[]string{warningEvent("elasticcloud_sso_enforcement.this", warning.SSOBegins.With(), warning.SSOBeginsDetail+" "+warning.SSODecidesOwners+" "+warning.OwnersLoseBySSO.With("boss@example.com"))},
			classes{classOwner: true}, "**Owners lose `organization-admin`** at the next sign-in through SSO: `boss@example.com`.", "Nobody"},
		"not by a replacement of the same": {
			[]string{member(`["delete", "create"]`, owner, owner)}, nil, classes{}, "**Nobody gains or loses access.**", "invited"},
		"the IdP, in what is not shown": {
			[]string{resource("elasticcloud_saml_idp", update, fmt.Sprintf(idp, "a"), fmt.Sprintf(idp, "evil"), `{"issuer": true}`, "{}")},
			nil, classes{classIdP: true, classUnclear: true}, "The identity provider's `issuer` is sensitive", "evil"},
		"the IdP, whose state is known only after apply": {
			[]string{resource("elasticcloud_saml_idp", update, fmt.Sprintf(idp, "a"), `{"issuer": "a", "sso_url": "b", "certificates": []}`, "{}", `{"enabled": true}`)},
			nil, classes{classIdP: true, classUnclear: true}, "Whether the identity provider is enabled", "is disabled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := `{"format_version": "1.2", "resource_changes": [` + strings.Join(test.changes, ",") + `]}`
			got, has := write(inputOf(t, plan, test.events...), false, defaultLimit)
			if among := (classes{classOwner: true, classIdP: true, classUnclear: true}).among(has); among.String() != test.has.String() {
				t.Errorf("it has %s, want %s", among, test.has)
			}
			if !strings.Contains(got, test.want) || strings.Contains(got, test.not) {
				t.Errorf("no %q, or %q, in:\n%s", test.want, test.not, got)
			}
		})
	}
}

// A hand-over in one plan is not refused: somebody else becomes an owner.
func TestHandOver(t *testing.T) {
	t.Parallel()
	gives := resource("elasticcloud_role_assignment", `["create"]`, "null", `{"email": "bob@example.com", "role": "organization-admin"}`, "{}", `{"status": true}`)
	loses := resource("elasticcloud_member", `["update"]`, `{"email": "alice@example.com", "roles": ["organization-admin"], "status": "active"}`, `{"email": "alice@example.com", "roles": [], "status": "active"}`, "{}", "{}")
	last := warningEvent(thisMember, warning.LastOwner.With("alice@example.com"), warning.OwnerDemoted.With("alice@example.com")+" "+warning.NoOtherOwner+" "+warning.OwnerlessRefused)
	for changes, refused := range map[string]bool{loses: true, loses + "," + gives: false} {
		if _, has := write(inputOf(t, planOf(changes), last), false, defaultLimit); has[classRefused] != refused {
			t.Errorf("refused: %t, want %t, for %s", has[classRefused], refused, changes)
		}
	}
}

// An owner who changed by hand needs the same review if the plan leaves it so.
func TestOwnerByHand(t *testing.T) {
	t.Parallel()
	viewer := `{"email": "alice@example.com", "roles": [], "status": "active"}`
	owner := `{"email": "alice@example.com", "roles": ["organization-admin"], "status": "active"}`
	plan := `{"format_version": "1.2", "resource_changes": [` + resource("elasticcloud_member", `["no-op"]`, owner, owner, "{}", "{}") +
		`], "resource_drift": [` + resource("elasticcloud_member", `["update"]`, viewer, owner, "{}", "{}") + `]}`
	got, has := write(inputOf(t, plan), false, defaultLimit)
	if want := "**`alice@example.com` became an owner outside Terraform**, and the plan keeps it."; !has[classOwner] || !strings.Contains(got, want) {
		t.Errorf("%s, and no %q in:\n%s", has, want, got)
	}
}

// A deposed object is not the one with its address.
func TestDeposed(t *testing.T) {
	t.Parallel()
	plan := &tfjson.Plan{}
	object := func(email, deposed string, actions string) string {
		return fmt.Sprintf(`{"address": "elasticcloud_member.this", "deposed": %q, "mode": "managed", "type": "elasticcloud_member", "change": {"actions": %s, "before": {"email": %q, "roles": ["organization-admin"], "status": "active"}, "after": %s}}`,
			deposed, actions, email, map[bool]string{true: "null", false: `{"email": "new@example.com", "roles": [], "status": "active"}`}[deposed != ""])
	}
	content := `{"format_version": "1.2", "resource_changes": [` + object("old@example.com", "ab12", `["delete"]`) + `], "resource_drift": [` + object("new@example.com", "", `["update"]`) + `]}`
	if err := json.Unmarshal([]byte(content), plan); err != nil {
		t.Fatal(err)
	}
	got, _ := write(input{Plan: plan, events: &events{complete: true, refreshed: true}}, false, defaultLimit)
	if want := "**`old@example.com`, an owner, is removed from the organization.**"; !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
}

// The instances of a provider block with for_each are several organizations.
func TestProviderForEach(t *testing.T) {
	t.Parallel()
	plan := strings.Replace(planOf(newAlice), `"configuration": {`, `"configuration": {"provider_config": {"elasticcloud.by": {"name": "elasticcloud", "alias": "by",
		"full_name": "registry.opentofu.org/elasticcloud-access/elasticcloud", "expressions": {"organization_id": {"references": ["each.value"]}}}}, `, 1)
	got, has := write(inputOf(t, plan, plannedEvent("create", thisMember)), false, defaultLimit)
	if !has[classUnclear] || !strings.Contains(got, "The instances of a provider block with for_each cannot be told apart") {
		t.Errorf("got:\n%s", got)
	}
}

// A sensitive variable can be in a warning although no resource has it: the provider block
// may.
func TestSensitiveVariable(t *testing.T) {
	t.Parallel()
	plan := strings.Replace(planOf(newAlice), `"root_module": {`, `"root_module": {"variables": {"s": {"sensitive": true}}, `, 1)
	plan = strings.Replace(plan, `{`, `{"variables": {"s": {"value": ["glass@example.com"]}}, `, 1)
	got, _ := write(inputOf(t, plan, plannedEvent("create", thisMember), warningEvent(`provider["registry.terraform.io/elasticcloud-access/elasticcloud"]`, warning.RequiredOwners.With(1), warning.RequiredOwnersThere.With("glass@example.com"))), false, defaultLimit)
	if strings.Contains(got, "glass") || !strings.Contains(got, hiddenText) {
		t.Errorf("got:\n%s", got)
	}
}
