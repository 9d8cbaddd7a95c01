// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import "sync/atomic"

// ssoEnds notes what a plan ends of single sign-on, for the warnings of others
// that are about that. terraform destroy plans in the order in which it is
// applied, so there they know. What is taken out of a configuration is planned at
// the same time as the rest: to ask after the service was asked is late enough
// most of the time, and what is said has to be true where it is not.
type ssoEnds struct {
	enforcement atomic.Bool // an elasticcloud_sso_enforcement is destroyed
	idp         atomic.Bool // an elasticcloud_saml_idp is destroyed
}
