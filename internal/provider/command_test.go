// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
)

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

func TestAppliesSavedPlan(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]bool{
		"terraform apply plan.out":                       true,
		"tofu -chdir=people apply -input=false plan.out": true,
		"terraform apply plan.out -no-color":             true,
		"terraform apply":                                false,
		"terraform apply -auto-approve":                  false,
		"terraform apply -target elasticcloud_member.a":  false,
		"terraform apply -auto-approve plan.out":         true,
		"terraform apply --no-color plan.out":            true,
		"terraform apply -lock-timeout plan.out":         false, // who knows
		"terraform plan -out=plan.out":                   false,
		"terraform":                                      false,
		"":                                               false,
	} {
		if got := appliesSavedPlan(strings.Fields(arguments)); got != want {
			t.Errorf("%q: %t, want %t", arguments, got, want)
		}
	}
}
