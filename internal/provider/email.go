// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/mail"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

type (
	emailType  = spelledType[emailNotation]
	emailValue = spelled[emailNotation]
)

var (
	_ basetypes.StringTypable                    = emailType{}
	_ basetypes.StringValuableWithSemanticEquals = emailValue{}
	_ xattr.ValidateableAttribute                = emailValue{}
)

func newEmail(s string) emailValue { return spell[emailNotation](s) }

// emailNotation compares e-mail addresses without regard to case.
type emailNotation struct{}

// key folds the address as the client does for comparisons. strings.EqualFold would treat
// different letters as equal.
func (emailNotation) key(s string) string { return cloud.Fold(s) }

// check refuses a text that is not a plain e-mail address. It only warns of a domain
// without a dot: that may be a typing error, or what the organization has.
func (emailNotation) check(s string, at path.Path, diags *diag.Diagnostics) {
	_, domain, _ := strings.Cut(s, "@")
	switch {
	case !isAddress(s):
		diags.AddAttributeError(at, "Invalid e-mail address",
			fmt.Sprintf("%q is not an e-mail address. Write the address alone, such as alice@example.com: no display name, no spaces.", s))
	case !strings.Contains(strings.Trim(domain, "."), "."):
		diags.AddAttributeWarning(at, warning.IncompleteAddress.With(s), warning.IncompleteAddressDetail.With(domain))
	}
}

// isAddress reports whether resources can manage a person with this address. Resources
// that remove unlisted members leave people without such an address alone.
func isAddress(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s
}

// folded returns a set of addresses, in the form in which they compare.
func folded(emails []string) map[string]bool { return keysOf(emails, cloud.Fold) }
