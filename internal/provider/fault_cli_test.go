// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// Some of the cases, through the CLI and the provider as an executable.
func TestFaultMatrixThroughTheCLI(t *testing.T) {
	t.Parallel()
	all := allOperations(t)
	for _, sample := range []struct{ operation, route, fault string }{
		{"elasticcloud_member/create", postInv, "dropped after"},
		{"elasticcloud_member/update, active", dropRoles, "403 from then on"},
		{"elasticcloud_member/update, invited", postInv, "500, lasting"},
		{"elasticcloud_member/delete, active", dropMem, "cut"},
		{"elasticcloud_member/read, active", getMem, "503, lasting"},
		{"elasticcloud_member/import, active", getInv, "401 from then on"},
		{"elasticcloud_members/update", postInv, "HTML after"},
		{"elasticcloud_role_assignment/create", postRoles, "hangs after"},
		{"elasticcloud_domain_claim/create", askCode, "dropped after"},
		{"elasticcloud_domain_verification/create", verifyDomain, "500 after, lasting"},
		{"elasticcloud_saml_idp/update", putIdP, "cut, lasting"},
		{"elasticcloud_role_mapping/create", postMap, "500 after"},
		{"elasticcloud_role_mapping/update, renamed by a deletion that did not end", putMap, "502"},
		{"elasticcloud_sso_enforcement/create", putOrg, "429, Retry-After 1"},
	} {
		t.Run(sample.operation+"/"+sample.fault, func(t *testing.T) {
			t.Parallel()
			operation := slices.IndexFunc(all, func(o *operation) bool { return o.resource+"/"+o.name == sample.operation })
			fault := slices.IndexFunc(allFaults(), func(f fault) bool { return f.name == sample.fault })
			if operation < 0 || fault < 0 {
				t.Fatal("there is no such case")
			}
			matrixCase{operation: all[operation], fault: allFaults()[fault], route: sample.route}.runCLI(t)
		})
	}
}

// runCLI does what run does, with the CLI.
func (c matrixCase) runCLI(t *testing.T) {
	healthy, _ := c.healthy(t)
	srv := cloudtest.New(t)
	c.seedAll(srv)
	tf := newCLI(t, srv, "EC_TIMEOUT=3s")
	tf.configure(c.hcl(c.before, c.importsOf(srv, true)))
	tf.must("apply", "-auto-approve")
	if c.between != nil {
		c.between(srv)
	}
	tf.configure(c.hcl(c.after, c.importsOf(srv, false)))
	apply := []string{"apply", "-auto-approve"}
	first := apply
	if c.kind == "read" {
		first = []string{"plan"}
	}
	s := &scene{srv: srv, core: &core{}, before: inService(srv), mails: len(srv.Mails())}
	srv.ResetLedger()
	lost := s.watch(c.operation)
	c.begin(s)
	out, succeeded := tf.run(first...)
	if srv.Count(c.route) == 0 {
		t.Error("the fault met no call")
	}
	srv.ClearFaults()
	var r outcomeOfCase
	if !succeeded {
		c.checkError(errors.New(out), srv, &r)
	}
	tf.must(apply...)
	wantText(t, tf.must("plan"), "No changes.")
	if want := c.wanted(); !maps.Equal(inService(srv), want) {
		t.Errorf("the service holds %v", difference(inService(srv), want))
	}
	if got := mailsTo(srv, s.mails); !maps.Equal(got, healthy.mails) {
		t.Errorf("the e-mails are %v, and without a fault %v", got, healthy.mails)
	}
	for _, problem := range slices.Concat(r.problems, lost.all()) {
		t.Error(problem)
	}
}

// hcl is the configuration for the CLI.
func (o *operation) hcl(own map[string]block, imports map[string]string) string {
	label := strings.NewReplacer(" ", "_")
	config := o.configuration(own)
	hcl := providerBlock("max_retries = 1")
	for _, address := range slices.Sorted(maps.Keys(config)) {
		b := config[address]
		hcl += fmt.Sprintf("resource %q %q {\n", b.Type, label.Replace(address))
		for _, name := range slices.Sorted(maps.Keys(b.Attributes)) {
			if value := b.Attributes[name]; value != nil {
				hcl += fmt.Sprintf("  %s = %s\n", name, inHCL(value))
			}
		}
		hcl += "}\n"
		if id, found := imports[address]; found {
			hcl += fmt.Sprintf("import {\n  to = %s.%s\n  id = %q\n}\n", b.Type, label.Replace(address), id)
		}
	}
	return hcl
}

// inHCL writes the value of an attribute.
func inHCL(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case []string:
		return quoted(v...)
	case map[string]any:
		text := "{"
		for _, key := range slices.Sorted(maps.Keys(v)) {
			text += fmt.Sprintf(" %s = %s", key, inHCL(v[key]))
		}
		return text + " }"
	case []any:
		texts := make([]string, len(v))
		for i, element := range v {
			texts[i] = inHCL(element)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string][]string:
		text := "{\n"
		for _, key := range slices.Sorted(maps.Keys(v)) {
			text += fmt.Sprintf("    %q = %s\n", key, quoted(v[key]...))
		}
		return text + "  }"
	}
	return fmt.Sprint(value)
}
