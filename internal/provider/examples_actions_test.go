// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// The examples of actions and lists are read here and handed to the provider as
// a CLI would, since only Terraform 1.14 and later know such blocks. Where the
// CLI that the tests run does, they run in it too.

// exampleFiles lists the files of a folder of examples, by a pattern.
func exampleFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := fs.Glob(examples.Files, pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no %s: %v", pattern, err)
	}
	return files
}

// blocksOf are the blocks of one kind in an example.
func blocksOf(t *testing.T, file, kind string) []*hclsyntax.Block {
	t.Helper()
	parsed, diags := hclsyntax.ParseConfig([]byte(read(t, file)), file, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s is a %T", file, parsed.Body)
	}
	return slices.DeleteFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type != kind })
}

// configOf reads the config block of an action or a list, and refuses what is
// not in the schema.
func configOf(t *testing.T, b *hclsyntax.Block, schema tftypes.Type) map[string]any {
	t.Helper()
	known, ok := schema.(tftypes.Object)
	if !ok {
		t.Fatalf("the schema is a %s", schema)
	}
	config := map[string]any{}
	for _, nested := range b.Body.Blocks {
		if nested.Type != "config" {
			t.Errorf("%s has a block %s", b.Labels, nested.Type)
		}
		for name, attribute := range nested.Body.Attributes {
			if _, found := known.AttributeTypes[name]; !found {
				t.Errorf("%s has no attribute %s", b.Labels[0], name)
			}
			config[name] = literal(t, attribute)
		}
	}
	return config
}

func literal(t *testing.T, attribute *hclsyntax.Attribute) any {
	t.Helper()
	value, diags := attribute.Expr.Value(nil)
	switch {
	case diags.HasErrors():
		t.Fatal(diags)
	case value.Type() == cty.String:
		return value.AsString()
	case value.Type() == cty.Bool:
		return value.True()
	case value.Type() == cty.Number:
		number, _ := value.AsBigFloat().Int64()
		return number
	}
	t.Fatalf("%s is a %s", attribute.Name, value.Type().FriendlyName())
	return nil
}

// exampleOrganization is the one that examples of actions and lists are for.
func exampleOrganization(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := newFake(t)
	seedOrganization(srv)
	srv.ResetLedger()
	return srv
}

// wantDone fails unless an action of an example has done what it is for.
func wantDone(t *testing.T, srv *cloudtest.Server, actionType string) {
	t.Helper()
	switch actionType {
	case resend:
		wantMails(t, srv, 1)
		wantWrites(t, srv, dropInv, postInv)
	case revoke:
		wantMails(t, srv, 0)
		wantEmails(t, srv, "alice@example.com", "carol@example.com", "dave@example.com", "owner@example.com")
	default:
		t.Errorf("nobody looks at what %s does", actionType)
	}
}

// Every action has an example, which does what the action is for.
func TestExamplesOfActions(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		var seen []string
		for _, file := range exampleFiles(t, "actions/*/*.tf") {
			var addresses []string
			for _, b := range blocksOf(t, file, "action") {
				srv := exampleOrganization(t)
				c := actionCore(t, srv)
				actionType := b.Labels[0]
				if actionType != path.Base(path.Dir(file)) {
					t.Errorf("%s has an action of the type %s", file, actionType)
				}
				config := configOf(t, b, c.Schemas.ActionSchemas[actionType].Schema.ValueType())
				if _, _, err := c.act(t.Context(), actionType, config); err != nil {
					t.Errorf("%s: %v", file, err)
				}
				wantDone(t, srv, actionType)
				seen = append(seen, actionType)
				address := "action." + strings.Join(b.Labels, ".")
				addresses = append(addresses, address)
				wantText(t, read(t, file), "terraform apply -invoke="+address+"\n")
			}
			for _, b := range blocksOf(t, file, "resource") {
				checkTrigger(t, b, addresses)
			}
		}
		c := actionCore(t, newFake(t))
		for actionType := range c.Schemas.ActionSchemas {
			if !slices.Contains(seen, actionType) {
				t.Errorf("%s has no example", actionType)
			}
		}
	})
}

// checkTrigger fails unless a resource triggers existing actions at existing events.
func checkTrigger(t *testing.T, resource *hclsyntax.Block, actions []string) {
	t.Helper()
	triggers := 0
	for _, lifecycle := range resource.Body.Blocks {
		for _, trigger := range lifecycle.Body.Blocks {
			if lifecycle.Type != "lifecycle" || trigger.Type != "action_trigger" {
				t.Errorf("there is a block %s in a block %s", trigger.Type, lifecycle.Type)
				continue
			}
			triggers++
			for name, allowed := range map[string][]string{
				"actions": actions,
				"events":  {"before_create", "after_create", "before_update", "after_update"},
			} {
				expressions, diags := hcl.ExprList(trigger.Body.Attributes[name].Expr)
				if diags.HasErrors() || len(expressions) == 0 {
					t.Errorf("%s is no list of names: %v", name, diags)
				}
				for _, expression := range expressions {
					if got := reference(t, expression); !slices.Contains(allowed, got) {
						t.Errorf("%s has %s, want one of %q", name, got, allowed)
					}
				}
			}
		}
	}
	if triggers == 0 {
		t.Errorf("%s triggers nothing", resource.Labels)
	}
}

// reference is what an expression refers to, as it is written.
func reference(t *testing.T, expression hcl.Expression) string {
	t.Helper()
	traversal, diags := hcl.AbsTraversalForExpr(expression)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var names []string
	for _, step := range traversal {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, s.Name)
		case hcl.TraverseAttr:
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, ".")
}

// Every list has an example, each block of which finds something.
func TestExamplesOfLists(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		var seen []string
		c := actionCore(t, exampleOrganization(t))
		for _, file := range exampleFiles(t, "list-resources/*/*.tfquery.hcl") {
			for _, b := range blocksOf(t, file, "list") {
				if b.Labels[0] != path.Base(path.Dir(file)) {
					t.Errorf("%s has a list of the type %s", file, b.Labels[0])
				}
				q := listBlock{typeName: b.Labels[0], config: configOf(t, b, c.Schemas.ListResourceSchemas[b.Labels[0]].ValueType())}
				for name, attribute := range b.Body.Attributes {
					switch name {
					case "provider":
						if got := reference(t, attribute.Expr); got != "elasticcloud" {
							t.Errorf("the provider is %s", got)
						}
					case "limit":
						q.limit, _ = literal(t, attribute).(int64)
					default:
						t.Errorf("a list has no %s", name)
					}
				}
				if got := c.names(t, q); len(got) == 0 {
					t.Errorf("%s %s finds nothing", file, b.Labels[1])
				}
				seen = append(seen, q.typeName)
			}
		}
		for typeName := range c.Schemas.ListResourceSchemas {
			if !slices.Contains(seen, typeName) {
				t.Errorf("%s has no example", typeName)
			}
		}
	})
}
