// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// oddIDs are what somebody may give to terraform import, or a program may.
var oddIDs = []string{
	"", " ", ".", "..", "/", "//", ",", "*", "%", "\x00", "\n", "\x1b[2J\x1b]0;title\x07", "x\r\nError: fake", "\u202e", "\ufeff", "alice@example.com", "ALICE@example.com ", "bob@example.com", "nobody@example.com",
	"@", "a@b@c", "\x1b[31m@example.com", "alice@example.com/", "alice@example.com/deployment-viewer:a", "alice@example.com/deployment-viewer:a/b", "nobody@example.com/billing-admin", "\x1b[2J@example.com/billing-admin",
	"alice@example.com/\x1b[2J", "/organization-admin", "example.com", "EXAMPLE.com.", "..example.com", "*.example.com", "xn--a.com", "bücher.example", "owners", "a,b", "1/../2", "{\"id\":1}", "${x}", strings.Repeat("x", 4000), strings.Repeat("a.", 200) + "com",
}

// importer is a configured provider with somebody of each kind to import.
func importer(tb testing.TB) (*cloudtest.Server, tfprotov6.ProviderServer, []string) {
	tb.Helper()
	srv := cloudtest.Start(cloudtest.InProcess(), cloudtest.Plain())
	tb.Cleanup(srv.Close)
	srv.AddMember("owner@example.com", "organization-admin")
	srv.AddMember("alice@example.com", "deployment-viewer:a")
	srv.AddInvitation("bob@example.com", "deployment-viewer:*")
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("o")), "organization-admin")
	srv.AddRoleMapping("a,b", true, cloudtest.AnyOf(cloudtest.Group("o")), "deployment-viewer:*")
	c, err := newCore(srv)
	if err != nil {
		tb.Fatal(err)
	}
	server, err := c.start(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return srv, server, slices.Sorted(maps.Keys(c.Types))
}

// FuzzImportIDs: whatever is imported, into whichever resource: it is only
// looked up, and an error repeats nothing of it that would steer a terminal.
func FuzzImportIDs(f *testing.F) {
	for _, id := range oddIDs {
		f.Add(id)
	}
	srv, server, typeNames := importer(f)
	f.Fuzz(func(t *testing.T, id string) {
		if !utf8.ValidString(id) {
			return // the protocol does not carry it
		}
		ctx, cancel := timeout()
		defer cancel()
		for _, typeName := range typeNames {
			srv.ResetLedger()
			resp, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
			if err != nil {
				t.Fatalf("%s: %v", typeName, err)
			}
			if err := terraformtest.Failure(resp.Diagnostics, nil); err == nil && len(resp.ImportedResources) != 1 {
				t.Fatalf("%s imports %d resources for %q", typeName, len(resp.ImportedResources), id)
			}
			diagnostics := resp.Diagnostics
			for _, imported := range resp.ImportedResources {
				read, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: imported.State, Private: imported.Private, CurrentIdentity: imported.Identity})
				if err != nil {
					t.Fatalf("%s: %v", typeName, err)
				}
				diagnostics = append(diagnostics, read.Diagnostics...)
			}
			for _, d := range diagnostics {
				if d.Severity == tfprotov6.DiagnosticSeverityError && len(id) < 5000 {
					cloudtest.WantHarmless(t, fmt.Errorf("%s: %s", d.Summary, d.Detail), "fake-key-")
				}
				if strings.Contains(d.Summary, "\n") {
					t.Errorf("%s: the summary has a line break: %q", typeName, d.Summary)
				}
			}
			for _, request := range srv.Requests() {
				if request.Method != http.MethodGet {
					t.Fatalf("%s makes %s %s for %q", typeName, request.Method, request.Path, id)
				}
			}
		}
	})
}

// FuzzGrantsFunction checks that the result has only valid grants, for any input.
func FuzzGrantsFunction(f *testing.F) {
	f.Add("organization-admin", false, "", "")
	f.Add("deployment-viewer", true, "", "b,a,a")
	f.Add("elasticsearch-viewer", false, "1,2", "c++,%2B")
	f.Add("deployment-viewer:*", false, "*", "+")
	f.Add("a+b", true, ":", "\x00")
	f.Fuzz(func(t *testing.T, role string, all bool, ids, applicationRoles string) {
		list := func(joined string) attr.Value {
			elements := []attr.Value{}
			for part := range strings.SplitSeq(joined, ",") {
				if joined != "" {
					elements = append(elements, types.StringValue(part))
				}
			}
			return types.ListValueMust(types.StringType, elements)
		}
		grants, err := grantStrings(types.ObjectValueMust(
			map[string]attr.Type{"role": types.StringType, "all_resources": types.BoolType, "resource_ids": types.ListType{ElemType: types.StringType}, "application_roles": types.ListType{ElemType: types.StringType}},
			map[string]attr.Value{"role": types.StringValue(role), "all_resources": types.BoolValue(all), "resource_ids": list(ids), "application_roles": list(applicationRoles)}))
		if err != nil {
			return
		}
		if len(grants) == 0 {
			t.Fatal("there is neither a grant nor an error")
		}
		for _, text := range grants {
			if g, err := cloud.ParseGrant(text); err != nil || g.String() != text || g.Role != role || all && g.Resource != cloud.AllResources {
				t.Fatalf("%q, %v, %q, %q make %q, which is %+v, %v", role, all, ids, applicationRoles, text, g, err)
			}
		}
	})
}

// metadataBombs are documents that are small and cost much, or that would have
// their reader fetch something from base.
func metadataBombs(base string) map[string]string {
	idp := entity("urn:idp", idpRole(postBinding))
	laughs := `<!DOCTYPE lolz [<!ENTITY lol "lol">`
	for i := range 9 {
		previous := "lol"
		if i > 0 {
			previous = fmt.Sprintf("lol%d", i)
		}
		laughs += fmt.Sprintf(`<!ENTITY lol%d "%s">`, i+1, strings.Repeat("&"+previous+";", 10))
	}
	laughs += `]>`
	large := strings.Repeat("x", 30_000)
	return map[string]string{
		"billion laughs":              laughs + entity("&lol9;", idpRole(postBinding)),
		"billion laughs, no document": laughs,
		"quadratic blow-up":           `<!DOCTYPE a [<!ENTITY x "` + large + `">]>` + entity("urn:idp", strings.Repeat("&x;", 10_000)),
		"external entity":             `<!DOCTYPE a [<!ENTITY x SYSTEM "` + base + `/entity">]>` + entity("&x;", idpRole(postBinding)),
		"public entity":               `<!DOCTYPE a [<!ENTITY x PUBLIC "-//X//Y" "` + base + `/public">]>` + entity("&x;", idpRole(postBinding)),
		"parameter entity":            `<!DOCTYPE a [<!ENTITY % x SYSTEM "` + base + `/parameter"> %x;]>` + idp,
		"external DTD":                `<!DOCTYPE EntityDescriptor SYSTEM "` + base + `/dtd">` + idp,
		"DTD after a comment":         `<!-- x --><!DOCTYPE EntityDescriptor SYSTEM "` + base + `/late">` + idp,
		"DTD inside":                  strings.Replace(idp, "<IDP", `<!DOCTYPE a SYSTEM "`+base+`/inside"><IDP`, 1),
		"file":                        `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + entity("&x;", idpRole(postBinding)),
		"inclusion":                   entity("urn:idp", `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="`+base+`/include"/>`+idpRole(postBinding)),
		"schema":                      strings.Replace(idp, "<EntityDescriptor", `<EntityDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x `+base+`/schema"`, 1),
		"style sheet":                 `<?xml-stylesheet href="` + base + `/style"?>` + idp,
		"many attributes":             `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"` + manyTimes(` a%d="1"`, 4000) + `/>`,
		"many name spaces":            `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"` + manyTimes(` xmlns:n%d="urn:n"`, 2500) + `/>`,
		"many elements":               entity("urn:idp", strings.Repeat("<a/>", 15_000)),
		"many descriptors":            entity("urn:idp", strings.Repeat(idpRole(postBinding), 400)),
		"many entities":               entitiesOf(strings.Repeat(entity("urn:idp", idpRole()), 350)),
		"nesting":                     strings.Repeat("<a>", 20_000),
		"nested entities":             strings.Repeat(`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">`, 900),
		"open brackets":               strings.Repeat("<", 60_000),
		"an open comment":             "<!--" + strings.Repeat("-", 60_000),
		"an open instruction":         "<?" + strings.Repeat("?", 60_000),
		"references":                  entity("urn:idp", strings.Repeat("&#x41;", 10_000)),
	}
}

func manyTimes(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// maxBytesPerByte bounds what reading a document may allocate for each byte of
// it. The most that a document is known to take is 2,650, for many empty elements.
const maxBytesPerByte = 4 << 10

// parseBounded is parseSAMLMetadata, whose work must not grow faster than the
// document. The work is counted in allocated bytes, since the time that it takes
// depends on what else the machine does. No other test may run beside it.
func parseBounded(t *testing.T, text string) (samlMetadata, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	metadata, err := parseSAMLMetadata(text)
	runtime.ReadMemStats(&after)
	const always = 256 << 10 // whatever the document is
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > uint64(always+maxBytesPerByte*len(text)) {
		t.Errorf("%d bytes take %d bytes of memory", len(text), allocated)
	}
	return metadata, err
}

// BenchmarkHostileMetadata is for a look at the time and the memory that each
// document takes.
func BenchmarkHostileMetadata(b *testing.B) {
	for name, text := range metadataBombs("http://127.0.0.1:1") {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parseSAMLMetadata(text); err == nil {
					b.Fatal("it is taken")
				}
			}
		})
	}
}

// No document makes the function call anybody, or takes much work. It does not
// run beside other tests: see parseBounded.
func TestHostileMetadata(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	var arrived atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived.Add(1)
		_, _ = w.Write([]byte("urn:fetched"))
	}))
	t.Cleanup(elsewhere.Close)
	for name, text := range metadataBombs(elsewhere.URL) {
		metadata, err := parseBounded(t, text)
		if err == nil {
			t.Errorf("%s: %+v", name, metadata)
		} else if len(err.Error()) > 2000 {
			t.Errorf("%s: the error has %d characters", name, len(err.Error()))
		}
		if isDoctype := strings.Contains(text, "<!DOCTYPE"); isDoctype && (err == nil || !strings.Contains(err.Error(), "DOCTYPE")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := arrived.Load(); n > 0 {
		t.Errorf("%d requests were made", n)
	}
}
