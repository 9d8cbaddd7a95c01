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
		fmt.Fprintf(&out, "resource %q %q {\n", b.typeName, strings.TrimPrefix(address, b.typeName+"."))
		width := 0
		for name := range b.attributes {
			width = max(width, len(name))
		}
		for _, name := range slices.Sorted(maps.Keys(b.attributes)) {
			fmt.Fprintf(&out, "  %-*s = %s\n", width, name, hclValue(b.attributes[name]))
		}
		if b.after != "" {
			fmt.Fprintf(&out, "  depends_on = [%s]\n", b.after)
		}
		out.WriteString("}\n")
	}
	if out.Len() == 0 {
		return "# nothing\n"
	}
	return out.String()
}

func hclValue(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("%q", withoutPEM(v))
	case []string:
		texts := make([]string, len(v))
		for i, text := range v {
			texts[i] = hclValue(text)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string][]string:
		lines := []string{"{"}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			lines = append(lines, fmt.Sprintf("    %q = %s", key, hclValue(v[key])))
		}
		return strings.Join(append(lines, "  }"), "\n")
	case inGroup:
		return fmt.Sprintf("{ any = [{ group = %q }] }", string(v))
	}
	return fmt.Sprint(value)
}

var pemText = regexp.MustCompile(`(?s)-----BEGIN CERTIFICATE-----.{60}(.{8}).*?-----END CERTIFICATE-----\n?`)

// withoutPEM shortens certificates, which nobody reads.
func withoutPEM(text string) string { return pemText.ReplaceAllString(text, "certificate $1") }

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
