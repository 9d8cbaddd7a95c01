// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// stringsOf returns the strings of a list. It is false if the list or one of them is
// unknown.
func stringsOf(list types.List) (values []string, known bool) {
	if list.IsUnknown() {
		return nil, false
	}
	for _, element := range list.Elements() {
		value, ok := element.(types.String)
		if !ok || value.IsUnknown() {
			return nil, false
		}
		values = append(values, value.ValueString())
	}
	return values, true
}

func stringList(values []string) types.List {
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = types.StringValue(value)
	}
	return types.ListValueMust(types.StringType, elements)
}

// sortedList returns a sorted list, because Elastic Cloud may change the order.
func sortedList(texts []string) types.List {
	return stringList(slices.Sorted(slices.Values(texts)))
}

// sameStrings reports whether both lists are known and have the same texts by these keys, in
// any order.
func sameStrings(a, b types.List, key func(string) string) bool {
	textsA, knownA := stringsOf(a)
	textsB, knownB := stringsOf(b)
	return knownA && knownB && maps.Equal(keysOf(textsA, key), keysOf(textsB, key))
}

func keysOf(texts []string, key func(string) string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, text := range texts {
		set[key(text)] = true
	}
	return set
}

// asWritten is the key of texts that compare unchanged.
func asWritten(text string) string { return text }

// textOrNull returns null for an empty text.
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// timestamp returns a time in RFC 3339, in UTC.
func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
