// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// heldSetting is what of an organization one resource can be for.
type heldSetting struct {
	what       organization.Object
	words      string
	typeName   string
	whyNotTwo  string
	mayComeNew bool // also where another resource gives it up in the same plan
}

const takesFromTheOther = "To destroy one would take it from the other."

var (
	idpSetting         = heldSetting{what: organization.IdPObject, words: "The SAML IdP", typeName: "elasticcloud_saml_idp", whyNotTwo: takesFromTheOther}
	enforcementSetting = heldSetting{what: organization.EnforcementObject, words: "The enforcement of SSO", typeName: "elasticcloud_sso_enforcement", whyNotTwo: takesFromTheOther}
)

func domainSetting(name string) heldSetting {
	return heldSetting{what: organization.DomainObject(name), words: name, typeName: "elasticcloud_domain_claim",
		whyNotTwo: "Each would ask for a code, which makes that of the other one worthless."}
}

// mappingSetting is a name that may go from one mapping to another, of which
// there is a warning of its own.
func mappingSetting(name string) heldSetting {
	return heldSetting{what: organization.RoleMappingObject(name), words: "The role mapping " + strconv.Quote(name), typeName: "elasticcloud_role_mapping",
		whyNotTwo: takesFromTheOther, mayComeNew: true}
}

// settingClaim is what the resources of a plan do with a setting.
type settingClaim struct {
	held  bool // one is for it
	stays bool // and was before
	goes  bool // one that is destroyed was for it
}

// holds notes a resource that is for a setting, new or as before.
func (c *claims) holds(s heldSetting, isNew bool, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	noted := c.settingOf(s)
	if noted.held {
		diags.AddError(s.words+" is in the configuration twice",
			fmt.Sprintf("Two %[1]s resources of this configuration are for the same. %[2]s Keep one of them. If both are in the state, take the other one out with a removed block that has destroy = false.", s.typeName, s.whyNotTwo))
		return
	}
	noted.held, noted.stays = true, !isNew
	noted.refuse(s, diags)
}

// letsGo notes a resource that is destroyed, or will be for another setting.
func (c *claims) letsGo(s heldSetting, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	noted := c.settingOf(s)
	noted.goes = true
	noted.refuse(s, diags)
}

func (c *claims) settingOf(s heldSetting) *settingClaim {
	if c.settings == nil {
		c.settings = map[organization.Object]*settingClaim{}
	}
	if c.settings[s.what] == nil {
		c.settings[s.what] = &settingClaim{}
	}
	return c.settings[s.what]
}

// refuse says that a setting would go although a resource is for it.
func (noted *settingClaim) refuse(s heldSetting, diags *diag.Diagnostics) {
	if !noted.goes || !noted.held || s.mayComeNew && !noted.stays {
		return
	}
	diags.AddError(s.words+" would be removed although it is in the configuration",
		fmt.Sprintf("This plan destroys an %[1]s, and has another one for the same, which would be gone with it. "+
			"If the resource has only got another name or key, say so with a moved block, so that it stays one resource. "+
			"If not, take the one that goes out of the configuration with a removed block that has destroy = false.", s.typeName))
}
