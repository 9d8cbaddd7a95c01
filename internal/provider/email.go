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

// key folds the address in the way in which the client compares addresses.
// strings.EqualFold would find letters alike that are not.
func (emailNotation) key(s string) string { return cloud.Fold(s) }

// check refuses what is no plain e-mail address. A domain without a dot may be a
// slip; it may also be what the organization holds.
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

// isAddress reports whether resources can name somebody by this. Resources that
// remove unlisted members leave everybody else alone.
func isAddress(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s
}

// folded is a set of addresses, in the form in which they compare.
func folded(emails []string) map[string]bool { return keysOf(emails, cloud.Fold) }
