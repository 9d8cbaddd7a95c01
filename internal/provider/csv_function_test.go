// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"pgregory.net/rapid"
)

func TestCSVFunction(t *testing.T) {
	t.Parallel()
	team := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("a"), types.StringValue("b")})
	for name, test := range map[string]struct {
		rows    any
		columns []string
		want    string
	}{
		"no rows":                {rows: jsonArray{}},
		"no rows, named columns": {rows: jsonArray{}, columns: []string{"b", "a"}, want: "b,a\n"},
		"rows without fields":    {rows: jsonArray{jsonObject{}, jsonObject{}}},
		"alphabetical union": {
			rows: jsonArray{jsonObject{"b": "1"}, jsonObject{"c": "2", "a": "3"}},
			want: "a,b,c\n,1,\n3,,2\n",
		},
		"named columns":      {rows: jsonArray{jsonObject{"a": "1", "b": "2", "c": "3"}}, columns: []string{"c", "a", "c"}, want: "c,a,c\n3,1,3\n"},
		"kinds of values":    {rows: jsonArray{jsonObject{"a": 5, "b": -0.5, "c": true, "d": nil, "e": "x", "f": 12345678901}}, want: "a,b,c,d,e,f\n5,-0.5,true,,x,12345678901\n"},
		"lists in a field":   {rows: jsonArray{jsonObject{"a": jsonArray{"x", 1, false, nil}, "b": jsonArray{}, "c": team, "d": jsonArray{"only"}}}, want: "a,b,c,d\n\"x, 1, false, \",,\"a, b\",only\n"},
		"quotes":             {rows: jsonArray{jsonObject{"a,b": `say "hi"`, "c": "two\nlines", "d": " spaces ", "e": "cr\rin it"}}, want: "\"a,b\",c,d,e\n\"say \"\"hi\"\"\",\"two\nlines\",\" spaces \",\"cr\rin it\"\n"},
		"one empty field":    {rows: jsonArray{jsonObject{"a": ""}, jsonObject{"a": nil}}, want: "a\n\"\"\n\"\"\n"},
		"formulas":           {rows: jsonArray{jsonObject{"a": "=1+1", "b": "+x", "c": "-x", "d": "@x", "e": "\tx", "f": "\rx", "g": "＝1"}}, want: "a,b,c,d,e,f,g\n'=1+1,'+x,'-x,'@x,'\tx,\"'\rx\",'＝1\n"},
		"formula in a list":  {rows: jsonArray{jsonObject{"a": jsonArray{"=1", "2"}}}, want: "a\n\"'=1, 2\"\n"},
		"formula as a name":  {rows: jsonArray{jsonObject{"=a": "1"}}, want: "'=a\n1\n"},
		"numbers as text":    {rows: jsonArray{jsonObject{"a": "-5", "b": "+49.5", "c": "-5+1"}}, want: "a,b,c\n-5,+49.5,'-5+1\n"},
		"list of objects":    {rows: accessColumns.rows([]reportRow{reportRow{holder: holder{principalMember, "a@example.com"}, name: "A", status: "active", source: "assigned"}.of(grantIn(newGrantValue("deployment-viewer:*")))}), columns: []string{"principal", "resource_id", "grant"}, want: "principal,resource_id,grant\na@example.com,,deployment-viewer:*\n"},
		"list of maps":       {rows: types.ListValueMust(types.MapType{ElemType: types.StringType}, []attr.Value{types.MapValueMust(types.StringType, map[string]attr.Value{"k": types.StringValue("v")})}), want: "k\nv\n"},
		"nested, not wanted": {rows: jsonArray{jsonObject{"a": "1", "b": jsonObject{"c": "2"}}}, columns: []string{"a"}, want: "a\n1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 { // it is the same each time
				got, err := call(t, newCSVFunction(), test.columns, test.rows)
				if err != nil {
					t.Fatal(err)
				}
				if !got.Equal(types.StringValue(test.want)) {
					t.Fatalf("got %s, not %q", got, test.want)
				}
			}
		})
	}
}

func TestCSVFunctionRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rows     any
		columns  []string
		argument int64
		want     string
	}{
		"text":            {rows: "a", want: "rows must be a list of objects"},
		"one object":      {rows: jsonObject{"a": "1"}, want: "rows must be a list of objects"},
		"list of texts":   {rows: jsonArray{jsonObject{"a": "1"}, "b"}, want: "rows[1] must be an object"},
		"null row":        {rows: jsonArray{types.ObjectNull(nil)}, want: "rows[0] must be an object"},
		"object in field": {rows: jsonArray{jsonObject{"a": "1"}, jsonObject{"a": jsonObject{}}}, want: "rows[1].a cannot be written into one field"},
		"list in a list":  {rows: jsonArray{jsonObject{"a": jsonArray{jsonArray{}}}}, want: "rows[0].a cannot be written into one field"},
		"unknown column":  {rows: jsonArray{jsonObject{"a": "1", "b": "2"}}, columns: []string{"a", "grants"}, argument: 2, want: `no row has the column "grants". The columns are a, b`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := call(t, newCSVFunction(), test.columns, test.rows)
			if err == nil || !strings.Contains(err.Error(), test.want) || *err.FunctionArgument != test.argument {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What another reader makes of it is what was put in, whatever that is, and
// never begins like a formula.
func TestCSVFunctionReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		texts := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune("a1 ,;\"'\n\r\t=+-@＝é"))), rapid.String())
		names := rapid.SliceOfNDistinct(texts, 1, 4, rapid.ID[string]).Draw(r, "names")
		slices.Sort(names)
		lines := rapid.SliceOfN(rapid.SliceOfN(texts, len(names), len(names)), 1, 5).Draw(r, "lines")
		rows := jsonArray{}
		for _, line := range lines {
			row := jsonObject{}
			for i, name := range names {
				row[name] = line[i]
			}
			rows = append(rows, row)
		}
		written, funcErr := call(t, newCSVFunction(), nil, rows)
		if funcErr != nil {
			r.Fatal(funcErr)
		}
		content, _ := text(written)
		read, err := csv.NewReader(strings.NewReader(content)).ReadAll()
		if err != nil {
			r.Fatalf("%q: %v", content, err)
		}
		if len(read) != len(lines)+1 {
			r.Fatalf("%q has %d lines", content, len(read))
		}
		for i, line := range slices.Concat([][]string{names}, lines) {
			for j, want := range line {
				want = strings.ReplaceAll(want, "\r\n", "\n") // as the reader does
				got := read[i][j]
				if got != want && got != "'"+want {
					r.Fatalf("%q was read as %q", want, got)
				}
				if got != "" && strings.ContainsAny(got[:1], "=+-@\t\r\n") && !plainNumber.MatchString(got) {
					r.Fatalf("%q is a formula", got)
				}
			}
		}
	})
}

// Through Terraform: what is not known yet, and types of all kinds.
func TestCSVFunctionInConfiguration(t *testing.T) {
	t.Parallel()
	testSteps(t, newFake(t), resource.TestStep{
		Config: `
resource "terraform_data" "name" { input = "Alice" }
output "rows" {
  value = provider::elasticcloud::csv([{ name = terraform_data.name.output, n = 0.1 }, { n = 100000000000, tags = toset(["b", "a"]) }])
}
output "columns" {
  value = provider::elasticcloud::csv(toset([{ name = "Bob", note = null }]), "note", "name")
}
output "json" {
  value = provider::elasticcloud::csv(jsondecode("[{\"a\":1.50,\"b\":null,\"c\":[\"x\"]}]"))
}
`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("rows", knownvalue.StringExact("n,name,tags\n0.1,Alice,\n100000000000,,\"a, b\"\n")),
			statecheck.ExpectKnownOutputValue("columns", knownvalue.StringExact("note,name\n,Bob\n")),
			statecheck.ExpectKnownOutputValue("json", knownvalue.StringExact("a,b,c\n1.5,,x\n")),
		},
	})
}

// The example gives what its comments say.
func TestExampleCSV(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	seedOrganization(srv)
	out := example(t, srv, "functions/csv").must("apply", "-auto-approve")
	wantText(t, out, `age,name,teams 42,Alice,"search, security" ,"Bob, the builder", EOT`, `name,age Alice,42 "Bob, the builder", EOT`,
		"principal,name,status,grant,source,assignment alice@example.com,Alice,active,billing-admin,assigned, ", `viewers,,enabled,deployment-viewer:*,"all of: email ""*@example.org"", group ""staff""",`)
}
