// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// class is a kind of change that -fail-on can name.
type class string

const (
	classOwner   class = "owner"
	classSSO     class = "sso"
	classIdP     class = "idp"
	classRefused class = "refused"
	classUnclear class = "unclear"
)

// classInWords is a class with what it is.
type classInWords struct {
	class class
	is    string
}

// allClasses are in the order in which they are printed, each with what it is.
var allClasses = []classInWords{
	{classOwner, "somebody becomes an owner, or stops being one, also by a role mapping"},
	{classSSO, "SSO enforcement, role mappings or domains change"},
	{classIdP, "the SAML identity provider changes"},
	{classRefused, "apply will surely refuse the plan"},
	{classUnclear, "the summary cannot say everything that the plan does"},
}

func explainClasses() string {
	var b strings.Builder
	for _, c := range allClasses {
		fmt.Fprintf(&b, "  %-8s %s\n", c.class, c.is)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// classes is a set of them. It is the value of a flag.
type classes map[class]bool

// String lists the classes in their order.
func (c classes) String() string {
	var names []string
	for _, known := range allClasses {
		if c[known.class] {
			names = append(names, string(known.class))
		}
	}
	return strings.Join(names, ", ")
}

// Set reads classes that are separated by commas.
func (c *classes) Set(text string) error {
	*c = classes{}
	for name := range strings.SplitSeq(text, ",") {
		name := class(strings.TrimSpace(name))
		if !slices.ContainsFunc(allClasses, func(known classInWords) bool { return known.class == name }) {
			return fmt.Errorf("%q is not one of owner, sso, idp, refused and unclear", name)
		}
		(*c)[name] = true
	}
	return nil
}

// among are those that are in the other set, too.
func (c classes) among(other classes) classes {
	both := classes{}
	for name := range c {
		if other[name] {
			both[name] = true
		}
	}
	return both
}
