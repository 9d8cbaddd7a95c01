// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import "testing"

func TestCommandOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"/usr/bin/terraform", "plan", "-refresh=false", ""}, "plan"},
		{[]string{"tofu", "-chdir=people", "plan", "-out=apply"}, "plan"},
		{[]string{"terraform", "apply", "-auto-approve", "plan"}, "apply"},
		{[]string{"terraform", "apply", "-refresh=false"}, "apply"},
		{[]string{"terraform"}, ""},
		{[]string{""}, ""},
		{nil, ""},
	} {
		if got := commandOf(test.arguments); got != test.want {
			t.Errorf("%q is %q, want %q", test.arguments, got, test.want)
		}
	}
}
