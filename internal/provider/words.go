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

// scopeOf returns the scope of a grant, for a report.
func scopeOf(g cloud.Grant) string { return cmp.Or(g.Kind(), "organization") }

// resourceOf returns the single deployment or project of a grant, or an empty string.
func resourceOf(g cloud.Grant) string {
	if g.Resource == cloud.AllResources {
		return ""
	}
	return g.Resource
}

// some lists at most ten names, and the number of the others.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// paragraph joins sentences, and skips empty ones.
func paragraph(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// withLines appends lines to a text, which may be empty.
func withLines(text string, lines []string) string {
	return strings.TrimSpace(text + "\n" + strings.Join(lines, "\n"))
}

// onOneLine quotes a text with line breaks or the like: reports are read from files, and in
// a file of changes each change is one line.
func onOneLine(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
