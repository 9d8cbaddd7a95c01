// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// scopeOf is what a grant is on, in a report.
func scopeOf(g cloud.Grant) string { return cmp.Or(g.Kind(), "organization") }

// resourceOf is the one resource that a grant is on, or empty.
func resourceOf(g cloud.Grant) string {
	if g.Resource == cloud.AllResources {
		return ""
	}
	return g.Resource
}

// some lists names, and counts those that would be too many.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// paragraph joins sentences, and leaves out those that are empty.
func paragraph(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// withLines writes lines below a text, which may be empty.
func withLines(text string, lines []string) string {
	return strings.TrimSpace(text + "\n" + strings.Join(lines, "\n"))
}

// onOneLine quotes what could not stand in a line of its own: reports come from
// files, and a file of changes has one line for each.
func onOneLine(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
