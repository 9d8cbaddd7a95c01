// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// A feature that is not played is an error, because a test may rely on it.
func TestNotPlayed(t *testing.T) {
	t.Parallel()
	data := func(lines string) string { return "resource \"terraform_data\" \"a\" {\n" + lines + "\n}\n" }
	for name, test := range map[string]struct{ hcl, want string }{
		"a data source":             {`data "x" "y" {}`, "data blocks are not played here"},
		"an output":                 {"output \"x\" {\n  value = 1\n}", "output blocks are not played here"},
		"an unknown type":           {`resource "x_y" "z" {}`, "the provider has no x_y"},
		"twice":                     {data("") + data(""), "there are two of terraform_data.a"},
		"a provisioner":             {data("provisioner \"local-exec\" {\n  command = \"true\"\n}"), "a provisioner block is not played here"},
		"ignore_changes":            {data("lifecycle {\n  ignore_changes = [input]\n}"), "ignore_changes is not played here"},
		"a misspelt lifecycle":      {data("lifecycle {\n  create_before_destroyed = true\n}"), "create_before_destroyed is not played here"},
		"a trigger in no list":      {data("lifecycle {\n  replace_triggered_by = terraform_data.a\n}"), "replace_triggered_by"},
		"a trigger that is nowhere": {data("lifecycle {\n  replace_triggered_by = [terraform_data.b]\n}"), "replace_triggered_by names terraform_data.b, which is not in the configuration"},
		"a trigger of nothing":      {data("lifecycle {\n  replace_triggered_by = [terraform_data.b]\n}") + "resource \"terraform_data\" \"b\" {\n  count = 0\n}\n", "names terraform_data.b, which is not in the configuration"},
		"a trigger of no instance":  {data("lifecycle {\n  replace_triggered_by = [terraform_data.b[\"y\"]]\n}") + "resource \"terraform_data\" \"b\" {\n  for_each = toset([\"x\"])\n}\n", "names terraform_data.b[\"y\"], which is not in the configuration"},
		"a trigger by each.value":   {"resource \"terraform_data\" \"a\" {\n  for_each = toset([\"x\"])\n  lifecycle {\n    replace_triggered_by = [terraform_data.b[each.value]]\n  }\n}\nresource \"terraform_data\" \"b\" {\n  for_each = toset([\"x\"])\n}\n", "each.key or count.index"},
		"a trigger that is called":  {data("lifecycle {\n  replace_triggered_by = [upper(\"a\")]\n}"), "replace_triggered_by takes references"},
		"triggered by itself":       {data("lifecycle {\n  replace_triggered_by = [terraform_data.a]\n}"), "refers to itself"},
		"count and for_each":        {data("count = 1\n  for_each = {}"), "without for_each"},
		"half an object":            {data("count = 0.5"), "a whole number"},
		"for_each of a list":        {data(`for_each = ["a"]`), "has to be a set or a map"},
		"a cycle":                   {data("input = terraform_data.b.output") + "resource \"terraform_data\" \"b\" {\n  input = terraform_data.a.output\n}\n", "refers to itself"},
		"depends_on of nothing":     {data("depends_on = [terraform_data.b]"), "depends_on names terraform_data"},
		"a setting that is unknown": {"provider \"x\" {\n  alias = \"y\"\n}", "alias is not played here"},
		"an import by identity":     {data("") + "import {\n  to = terraform_data.a\n  identity = {}\n}", "identity is not played here"},
		"an import into nothing":    {"import {\n  to = terraform_data.a\n  id = \"a\"\n}", "terraform_data.a, which is not in the configuration"},
		"an import for each":        {data("") + "import {\n  for_each = {}\n  to = terraform_data.a\n  id = \"a\"\n}", "for_each is not played here"},
		"moved to another type":     {"moved {\n  from = x_y.z\n  to = terraform_data.a\n}\n" + data(""), "a move from x_y to terraform_data is not played here"},
		"moved and there":           {data("") + "moved {\n  from = terraform_data.a\n  to = terraform_data.b\n}", "is in the configuration still"},
		"removed and there":         {data("") + "removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = false\n  }\n}", "is in the configuration still"},
		"an argument":               {data(""), "the argument -target=terraform_data.a is not played here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := NewWorkspace(NewWithSchemas(&tfprotov6.GetProviderSchemaResponse{Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}}, nil))
			w.Write("main.tf", test.hcl)
			args := []string{"plan"}
			if name == "an argument" {
				args = append(args, "-target=terraform_data.a")
			}
			if out, ok := w.Run(t.Context(), args...); ok || !strings.Contains(out, test.want) {
				t.Errorf("it says %q, and not %q", out, test.want)
			}
		})
	}
}
