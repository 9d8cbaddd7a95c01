// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kinds are names for the routes.
var kinds = map[string]string{
	listOrganizations: "find the organization",
	listMembers:       "list members",
	listInvitations:   "list invitations",
	sendInvitations:   "invite",
	"GET /organizations/{organization_id}/role_mappings":                      "list role mappings",
	"GET /organizations/{organization_id}/domains":                            "list domains",
	"DELETE /organizations/{organization_id}/invitations/{invitation_tokens}": "revoke",
	"DELETE /organizations/{organization_id}/members/{user_ids}":              "remove",
	"POST /users/{user_id}/role_assignments":                                  "grant roles",
	"DELETE /users/{user_id}/role_assignments":                                "revoke roles",
}

// write returns the report in Markdown.
func write(version string, at time.Time, rows []row, limits []limit) string {
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	say("Measured on %s with `make bench`: %d cores (%s/%s), %s, %s.\n", at.UTC().Format(time.DateOnly),
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, version, runtime.Version())
	say("### Required\n")
	say("| | measured | at most | |\n|---|---|---|---|")
	for _, l := range limits {
		met := "met"
		if !l.met() {
			met = "**NOT MET**"
		}
		say("| %s | %s | %s %s | %s |", l.what, l.value(), number(l.allowed), l.unit, met)
	}
	say("\n### Through the CLI\n")
	say("| | people | latency | time | floor | ratio | CPU of the provider | of the floor | of the CLI | beside the floor | memory of the provider | requests | sent | received |")
	say("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		switch {
		case !r.throughCLI:
		case r.err != nil:
			say("| %s | failed |||||||||||", r.columns())
		default:
			say("| %s | %s | %s | %s | %s | %s | %s | %s | %.0f MB | %s | %s | %s |", r.columns(),
				seconds(r.cli.wall), seconds(r.floor.wall), number(ratio(r)),
				seconds(r.cli.providerCPU), seconds(r.floor.providerCPU), seconds(r.cli.cliCPU), seconds(r.floor.cliCPU),
				memory(r), r.cli.inWords(), bytesInWords(r.cli.sent), bytesInWords(r.cli.received))
		}
	}
	say("\n### The provider alone\n")
	say("| | people | latency | rate | time | requests | refused | sent | received |\n|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		limit := cmp.Or(r.limit, "not limited")
		if r.err != nil {
			say("| %s | %s | failed |||||", r.columns(), limit)
			continue
		}
		say("| %s | %s | %s | %s | %d | %s | %s |", r.columns(), limit, seconds(r.alone.wall),
			r.alone.inWords(), r.alone.refused, bytesInWords(r.alone.sent), bytesInWords(r.alone.received))
	}
	return text.String()
}

func (s scenario) columns() string {
	return fmt.Sprintf("`%s`, %s | %d | %d ms", s.resource, s.operation, s.people, s.latency.Milliseconds())
}

func (t traffic) inWords() string {
	var parts []string
	for _, route := range slices.Sorted(maps.Keys(t.requests)) {
		parts = append(parts, fmt.Sprintf("%s %d", cmp.Or(kinds[route], route), t.requests[route]))
	}
	return fmt.Sprintf("%d: %s", t.count(), strings.Join(parts, ", "))
}

func seconds(d time.Duration) string { return number(d.Seconds()) + " s" }

// number formats a number with at most two decimals, without trailing zeros.
func number(f float64) string {
	text := strconv.FormatFloat(f, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func bytesInWords(n int) string {
	if n < 10_000 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%d kB", n/1000)
}

const (
	beginMark = "<!-- benchmark:begin -->"
	endMark   = "<!-- benchmark:end -->"
)

// putIntoPage replaces the text between the marks of a page.
func putIntoPage(file, report string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), beginMark)
	_, after, ends := strings.Cut(rest, endMark)
	if !begins || !ends {
		return fmt.Errorf("%s does not have the marks %s and %s", file, beginMark, endMark)
	}
	return os.WriteFile(file, []byte(before+beginMark+"\n\n"+report+"\n"+endMark+after), 0o600)
}
