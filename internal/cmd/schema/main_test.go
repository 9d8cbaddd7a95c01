// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fakeServer answers the two calls that write makes.
type fakeServer struct {
	tfprotov6.ProviderServer
	schemas    tfprotov6.GetProviderSchemaResponse
	identities tfprotov6.GetResourceIdentitySchemasResponse
}

func (s *fakeServer) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &s.schemas, nil
}

func (s *fakeServer) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &s.identities, nil
}

func stringBlock(name string) *tfprotov6.SchemaBlock {
	return &tfprotov6.SchemaBlock{
		Description:     "Says hello.",
		DescriptionKind: tfprotov6.StringKindMarkdown,
		Attributes:      []*tfprotov6.SchemaAttribute{{Name: name, Type: tftypes.String, Required: true}},
	}
}

// everything has each kind of thing that a provider can have, and each kind of attribute and block.
func everything() *fakeServer {
	markdown := tfprotov6.StringKindMarkdown
	number := []*tfprotov6.SchemaAttribute{{Name: "number", Type: tftypes.Number, Optional: true}}
	return &fakeServer{
		schemas: tfprotov6.GetProviderSchemaResponse{
			Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
				Attributes: []*tfprotov6.SchemaAttribute{{Name: "key", Type: tftypes.String, Optional: true, Sensitive: true}},
			}},
			ResourceSchemas: map[string]*tfprotov6.Schema{"elasticcloud_thing": {Version: 2, Block: &tfprotov6.SchemaBlock{
				Description: "A *thing*.", DescriptionKind: markdown, Deprecated: true,
				Attributes: []*tfprotov6.SchemaAttribute{
					{Name: "required", Type: tftypes.String, Required: true, Description: "Needed.", DescriptionKind: markdown},
					{Name: "optional", Type: tftypes.Set{ElementType: tftypes.String}, Optional: true, Description: "Plain."},
					{Name: "computed", Type: tftypes.Map{ElementType: tftypes.Bool}, Computed: true, Deprecated: true},
					{Name: "secret", Type: tftypes.List{ElementType: tftypes.Number}, Optional: true, Sensitive: true, WriteOnly: true},
					{Name: "object", Type: tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}}, Optional: true, Computed: true},
					{Name: "anything", Type: tftypes.DynamicPseudoType, Optional: true},
					{Name: "nested_single", Optional: true, NestedType: &tfprotov6.SchemaObject{Nesting: tfprotov6.SchemaObjectNestingModeSingle, Attributes: number}},
					{Name: "nested_list", Optional: true, NestedType: &tfprotov6.SchemaObject{Nesting: tfprotov6.SchemaObjectNestingModeList, Attributes: number}},
					{Name: "nested_set", Optional: true, NestedType: &tfprotov6.SchemaObject{Nesting: tfprotov6.SchemaObjectNestingModeSet, Attributes: number}},
					{Name: "nested_map", Optional: true, NestedType: &tfprotov6.SchemaObject{Nesting: tfprotov6.SchemaObjectNestingModeMap, Attributes: number}},
				},
				BlockTypes: []*tfprotov6.SchemaNestedBlock{
					{TypeName: "single", Nesting: tfprotov6.SchemaNestedBlockNestingModeSingle, Block: stringBlock("a")},
					{TypeName: "list", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, Block: stringBlock("a"), MinItems: 1, MaxItems: 3},
					{TypeName: "set", Nesting: tfprotov6.SchemaNestedBlockNestingModeSet, Block: stringBlock("a")},
				},
			}}},
			DataSourceSchemas:        map[string]*tfprotov6.Schema{"elasticcloud_look": {Block: stringBlock("data")}},
			EphemeralResourceSchemas: map[string]*tfprotov6.Schema{"elasticcloud_brief": {Block: stringBlock("ephemeral")}},
			ListResourceSchemas:      map[string]*tfprotov6.Schema{"elasticcloud_thing": {Block: stringBlock("list")}},
			ActionSchemas:            map[string]*tfprotov6.ActionSchema{"elasticcloud_act": {Schema: &tfprotov6.Schema{Block: stringBlock("action")}}},
			Functions: map[string]*tfprotov6.Function{"join": {
				Summary: "Joins.", Description: "Joins parts.", DeprecationMessage: "Use concat.",
				Parameters:        []*tfprotov6.FunctionParameter{{Name: "separator", Type: tftypes.String, Description: "Between.", AllowNullValue: true}},
				VariadicParameter: &tfprotov6.FunctionParameter{Name: "parts", Type: tftypes.String},
				Return:            &tfprotov6.FunctionReturn{Type: tftypes.List{ElementType: tftypes.String}},
			}},
		},
		identities: tfprotov6.GetResourceIdentitySchemasResponse{
			IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{"elasticcloud_thing": {
				Version: 1,
				IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
					{Name: "email", Type: tftypes.String, RequiredForImport: true, Description: "The address."},
					{Name: "organization_id", Type: tftypes.String, OptionalForImport: true},
				},
			}},
		},
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := write(t.Context(), &out, everything()); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got:\n%s", out.String())
	}

	// It can be read by the package that the documentation generator reads it with, and nothing is lost.
	var read tfjson.ProviderSchemas
	if err := json.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	again, err := json.MarshalIndent(read, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if string(again)+"\n" != out.String() {
		t.Errorf("read back:\n%s", again)
	}
}

func TestWriteReportsDiagnostics(t *testing.T) {
	t.Parallel()
	server := everything()
	server.identities.Diagnostics = []*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "Careful"},
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Invalid identity", Detail: "No attribute."},
	}
	var out bytes.Buffer
	err := write(t.Context(), &out, server)
	if err == nil || err.Error() != "Invalid identity: No attribute." {
		t.Errorf("got error %v", err)
	}
	if out.Len() != 0 {
		t.Errorf("wrote %s", out.String())
	}
}

func TestWriteNamesWhatItCannotConvert(t *testing.T) {
	t.Parallel()
	server := everything()
	server.schemas.DataSourceSchemas["elasticcloud_odd"] = &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
		Attributes: []*tfprotov6.SchemaAttribute{{Name: "odd"}},
	}}
	err := write(t.Context(), &bytes.Buffer{}, server)
	if err == nil || !strings.HasPrefix(err.Error(), "data source elasticcloud_odd: odd: ") {
		t.Errorf("got error %v", err)
	}
}
