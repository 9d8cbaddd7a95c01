// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

var _ function.Function = (*csvFunction)(nil)

// formulaStart has the characters with which a spreadsheet begins a formula, also in the
// wide forms of some input methods. A plainNumber may begin with them too.
const formulaStart = "=+-@\t\r\n＝＋－＠"

var plainNumber = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

type csvFunction struct{}

func newCSVFunction() function.Function { return &csvFunction{} }

func (f *csvFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "csv"
}

func (f *csvFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Writes objects as CSV",
		MarkdownDescription: "Writes a header and one line for each object, as CSV according to RFC 4180. The text is UTF-8, with `\\n` at the end of each line.\n\n" +
			"Without `columns`, the result has a column for each name in any of the objects, in alphabetical order. " +
			"Null and missing values are empty fields. A list or set of strings, numbers and bools is one field, joined with `, `. " +
			"Without rows, the result is only the header if you name columns, and empty otherwise.\n\n" +
			"A spreadsheet would run a text as a formula if it begins with `=`, `+`, `-`, `@`, a tab or a line break. Such a text gets a leading apostrophe. Numbers do not.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "rows",
				MarkdownDescription: "A list, set or tuple of objects or maps, such as `grants` of `elasticcloud_access`.",
			},
		},
		VariadicParameter: function.StringParameter{
			Name:                "columns",
			MarkdownDescription: "The columns to write, in this order. Default: all, in alphabetical order.",
		},
		Return: function.StringReturn{},
	}
}

func (f *csvFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var rows types.Dynamic
	var columns []string
	resp.Error = req.Arguments.Get(ctx, &rows, &columns)
	if resp.Error != nil {
		return
	}
	if hasUnknown(rows.UnderlyingValue()) {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	objects, known, err := csvRows(rows.UnderlyingValue())
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	for i, column := range columns {
		if len(objects) > 0 && !slices.Contains(known, column) {
			resp.Error = function.NewArgumentFuncError(int64(i)+1, fmt.Sprintf("no row has the column %q. The columns are %s", column, strings.Join(known, ", ")))
			return
		}
	}
	if len(columns) == 0 {
		columns = known
	}
	text, err := writeCSV(objects, columns)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, text)
}

// csvRows returns the fields of each row, and the sorted names of all fields.
func csvRows(value attr.Value) (rows []map[string]attr.Value, columns []string, err error) {
	objects, ok := elementsOf(value)
	if !ok {
		return nil, nil, fmt.Errorf("rows must be a list of objects, such as { name = \"Alice\", age = 42 }")
	}
	names := map[string]bool{}
	for i, object := range objects {
		fields, ok := fieldsOf(object)
		if !ok || object.IsNull() {
			return nil, nil, fmt.Errorf("rows[%d] must be an object", i)
		}
		for name := range fields {
			names[name] = true
		}
		rows = append(rows, fields)
	}
	return rows, slices.Sorted(maps.Keys(names)), nil
}

func writeCSV(rows []map[string]attr.Value, columns []string) (string, error) {
	if len(columns) == 0 {
		return "", nil
	}
	var b strings.Builder
	line := make([]string, len(columns))
	write := func() {
		if len(line) == 1 && line[0] == "" {
			line[0] = `""` // readers skip an empty line
		}
		b.WriteString(strings.Join(line, ",") + "\n")
	}
	for i, column := range columns {
		line[i] = quoteCSV(column)
	}
	write()
	for i, row := range rows {
		for j, column := range columns {
			text, ok := cellText(row[column])
			if !ok {
				return "", fmt.Errorf("rows[%d].%s cannot be written into one field. It must be a string, a number, a bool, null, or a list of them", i, column)
			}
			line[j] = quoteCSV(text)
		}
		write()
	}
	return b.String(), nil
}

// cellText returns the text of a field. It is false for a nested value other than a list
// of single values.
func cellText(value attr.Value) (string, bool) {
	elements, isList := elementsOf(value)
	if !isList || value.IsNull() {
		return singleText(value)
	}
	parts := make([]string, len(elements))
	for i, element := range elements {
		var ok bool
		if parts[i], ok = singleText(element); !ok {
			return "", false
		}
	}
	return strings.Join(parts, ", "), true
}

func singleText(value attr.Value) (string, bool) {
	if value == nil || value.IsNull() {
		return "", true
	}
	switch v := value.(type) {
	case basetypes.StringValue:
		return v.ValueString(), true
	case basetypes.BoolValue:
		return strconv.FormatBool(v.ValueBool()), true
	case basetypes.NumberValue:
		return v.ValueBigFloat().Text('f', -1), true
	}
	return "", false
}

// quoteCSV returns a field that every reader understands as the same text, and no
// spreadsheet as a formula.
func quoteCSV(text string) string {
	if text != "" && strings.ContainsRune(formulaStart, []rune(text)[0]) && !plainNumber.MatchString(text) {
		text = "'" + text
	}
	if strings.ContainsAny(text, ",\"\r\n") || strings.TrimSpace(text) != text {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
