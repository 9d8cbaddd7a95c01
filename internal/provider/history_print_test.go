// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// asHCL writes a configuration as a user would.
func asHCL(config map[string]block) string {
	var out strings.Builder
	for _, address := range slices.Sorted(maps.Keys(config)) {
		b := config[address]
		fmt.Fprintf(&out, "resource %q %q {\n", b.Type, strings.TrimPrefix(address, b.Type+"."))
		width := 0
		for name := range b.Attributes {
			width = max(width, len(name))
		}
		for _, name := range slices.Sorted(maps.Keys(b.Attributes)) {
			fmt.Fprintf(&out, "  %-*s = %s\n", width, name, inHCL(readable(b.Attributes[name])))
		}
		if b.After != "" {
			fmt.Fprintf(&out, "  depends_on = [%s]\n", b.After)
		}
		out.WriteString("}\n")
	}
	if out.Len() == 0 {
		return "# nothing\n"
	}
	return out.String()
}

var pemText = regexp.MustCompile(`(?s)-----BEGIN CERTIFICATE-----.{60}(.{8}).*?-----END CERTIFICATE-----\n?`)

// withoutPEM shortens certificates, which nobody reads.
func withoutPEM(text string) string { return pemText.ReplaceAllString(text, "certificate $1") }

// readable shortens the certificates of an attribute.
func readable(value any) any {
	switch v := value.(type) {
	case string:
		return withoutPEM(v)
	case []string:
		texts := make([]string, len(v))
		for i, text := range v {
			texts[i] = withoutPEM(text)
		}
		return texts
	}
	return value
}

// GoString keeps what rapid prints of a step short: the history says the rest.
func (s step) GoString() string { return s.name }

// String is the fault in words.
func (f historyFault) String() string {
	if f.fault.lag > 0 {
		return f.fault.name
	}
	route := f.route
	if route == "" {
		route = "any call"
	}
	return fmt.Sprintf("%s at %s, after %d of them", f.fault.name, route, f.skip)
}

// organizationInWords is what the service holds.
func organizationInWords(held map[string]string) string {
	lines := make([]string, 0, len(held))
	for _, name := range slices.Sorted(maps.Keys(held)) {
		lines = append(lines, "    "+name+": "+withoutPEM(held[name]))
	}
	return strings.Join(lines, "\n")
}
