// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// listing is a service with lists of somebody's making. Everything else that it
// is asked for it takes, and notes.
type listing struct {
	members, invitations, mappings string
	removes                        bool // members, who have no roles

	mu     sync.Mutex
	writes []string
	gone   []string // user IDs of members who were removed
}

func (l *listing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	list, listed := map[string]string{"members": l.members, "invitations": l.invitations, "role_mappings": l.mappings}[last]
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Method == http.MethodGet && listed {
		for _, gone := range l.gone {
			list = regexp.MustCompile(`,\{"user_id":"`+gone+`"[^}]*\}`).ReplaceAllString(list, "")
		}
		_, _ = io.WriteString(w, list)
		return
	}
	l.writes = append(l.writes, r.Method+" "+r.URL.EscapedPath())
	if r.Method == http.MethodDelete && l.removes {
		l.gone = append(l.gone, last)
	}
	if r.Method == http.MethodPost && last == "invitations" {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"invitations":[{"token":"new","email":"new@example.com"}]}`)
		return
	}
	_, _ = io.WriteString(w, "{}")
}

func (l *listing) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	writes := l.writes
	l.writes = nil
	return writes
}

const (
	testOrganization = "1234567890"
	hostileKey       = "s3cret+key/of=the-test"

	ownerEntry = `{"user_id":"owner","email":"owner@example.com","role_assignments":{"organization":[{"role_id":"organization-admin","organization_id":"` + testOrganization + `"}]}}`

	noMappings = `{"mappings":[]}`
)

// strangePeople are lists that are JSON of the right types, and still not what
// one expects. Alice is in each, and the owner among the members.
var strangePeople = map[string]struct{ members, invitations string }{
	"a member twice":                       {`{"user_id":"1","email":"alice@example.com"},{"user_id":"1","email":"alice@example.com"}`, ``},
	"a member twice, by two addresses":     {`{"user_id":"1","email":"alice@example.com"},{"user_id":"1","email":"other@example.com"}`, ``},
	"an invitation for a member":           {`{"user_id":"1","email":"alice@example.com"}`, `{"token":"t","email":"Alice@example.com"}`},
	"a token twice":                        {``, `{"token":"t","email":"alice@example.com"},{"token":"t","email":"alice@example.com"}`},
	"a token for two people":               {``, `{"token":"t","email":"alice@example.com"},{"token":"t","email":"other@example.com"}`},
	"an invitation of no token":            {``, `{"token":"","email":"alice@example.com"}`},
	"an invitation for nobody":             {`{"user_id":"1","email":"alice@example.com"}`, `{"token":"t","email":""},{"token":"u"}`},
	"members without an address":           {`{"user_id":"1","email":"alice@example.com"},{"user_id":"2","email":""},{"user_id":"3"},{"user_id":"4","email":null}`, ``},
	"members without an ID":                {`{"email":"alice@example.com"},{"email":"b@example.com"},{"user_id":null,"email":"c@example.com"}`, ``},
	"unknown fields and values":            {`{"user_id":"1","email":"alice@example.com","kind":{"x":[1]},"status":"BLOCKED","roles":7,"role_assignments":{"organization":[{"role_id":"organization-astronaut","organization_id":"` + testOrganization + `","since":1}],"deployment":[{"role_id":"deployment-pilot","organization_id":"` + testOrganization + `","all":true,"until":"noon"}],"project":{"quantum":[{"role_id":"quantum-viewer"}]},"galaxy":[{"x":1}]}}`, `{"token":"t","email":"b@example.com","expired":false,"kind":"NEW"}`},
	"null in every place":                  {`{"user_id":"1","email":"alice@example.com","name":null,"member_since":null,"role_assignments":{"organization":null,"deployment":[null],"project":null}}`, `{"token":null,"email":"b@example.com","expires_at":null,"expired":null,"accepted_at":null,"role_assignments":null}`},
	"an address with odd characters":       {`{"user_id":"1","email":"alice@example.com"},{"user_id":"2","email":"\u001b[2J\r\nX: 1@example.com"},{"user_id":"3","email":"a/b?c#d,e@example.com"},{"user_id":"4","email":"\u0000"}`, `{"token":"a/b?c#d,e","email":"\u202e@example.com"}`},
	"an ID that leads elsewhere":           {`{"user_id":"../../organizations/1","email":"alice@example.com"},{"user_id":"1,2,3","email":"b@example.com"},{"user_id":"owner2?x#y","email":"c@example.com"}`, ``},
	"fields twice":                         {`{"user_id":"1","email":"x@example.com","user_id":"2","email":"alice@example.com"}`, ``},
	"roles of another organization":        {`{"user_id":"1","email":"alice@example.com","role_assignments":{"organization":[{"role_id":"organization-admin","organization_id":"another"}]}}`, ``},
	"empty assignments":                    {`{"user_id":"1","email":"alice@example.com","role_assignments":{"organization":[{}],"deployment":[{},{"role_id":""},{"role_id":"deployment-viewer"},{"role_id":"deployment-viewer","deployment_ids":["",""]}],"project":{}}}`, ``},
	"an odd time":                          {`{"user_id":"1","email":"alice@example.com","member_since":"0000-01-01T00:00:00Z"}`, `{"token":"t","email":"b@example.com","expires_at":"9999-12-31T23:59:59.999999999+23:59"}`},
	"an accepted invitation, and a member": {`{"user_id":"1","email":"alice@example.com"}`, `{"token":"t","email":"alice@example.com","accepted_at":"2026-01-01T00:00:00Z"}`},
}

// For all kinds of people, nothing panics, and a write is only about the person for
// whom it is meant.
func TestHostilePeople(t *testing.T) {
	t.Parallel()
	for name, people := range strangePeople {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := &listing{
					members:     `{"members":[` + strings.TrimSuffix(ownerEntry+","+people.members, ",") + `]}`,
					invitations: `{"invitations":[` + people.invitations + `]}`,
					mappings:    noMappings,
				}
				ours := map[string]bool{}
				for _, id := range []string{"1", "2", "t", "..%2F..%2Forganizations%2F1"} {
					ours[id] = true
				}
				walks := map[string]func(*People) error{
					"Ensure": func(d *People) error {
						_, _, err := d.Ensure(t.Context(), Wanted{Email: "alice@example.com", Grants: []cloud.Grant{{Role: "billing-admin"}}})
						return err
					},
					"Ensure, kept": func(d *People) error {
						_, _, err := d.Ensure(t.Context(), Wanted{Email: "alice@example.com", KeepGrants: true})
						return err
					},
					"Assign": func(d *People) error {
						_, err := d.Assign(t.Context(), "alice@example.com", cloud.Grant{Role: "billing-admin"})
						return err
					},
					"Unassign": func(d *People) error {
						return d.Unassign(t.Context(), "alice@example.com", cloud.Grant{Role: "billing-admin"})
					},
					"Dismiss": func(d *People) error { return d.Dismiss(t.Context(), "alice@example.com", false) },
					"nothing": func(*People) error { return nil },
				}
				for walk, do := range walks {
					o := hostileOrganization(t, service.ServeHTTP)
					d := o.People
					err := do(d)
					cloudtest.WantHarmless(t, err, hostileKey)
					for _, write := range service.take() {
						if id, aimed := aim(write); aimed && !ours[id] {
							t.Errorf("%s makes %s", walk, write)
						}
					}
					everybody, err := d.All(t.Context())
					if err != nil {
						t.Errorf("%s, then People: %v", walk, err)
					}
					if _, found := everybody["owner@example.com"]; !found {
						t.Errorf("%s, and the owner is gone: %v", walk, slices.Sorted(maps.Keys(everybody)))
					}
					lookAtAll(t, d, everybody)
				}
			})
		})
	}
}

// answers is a transport on which a service answers at once.
type answers http.HandlerFunc

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	reply := httptest.NewRecorder()
	a(reply, r)
	return reply.Result(), nil
}

// hostileOrganization is the organization of a service that answers as it likes.
func hostileOrganization(t testing.TB, service http.HandlerFunc) *Organization {
	t.Helper()
	return newOrganization(t, setup{
		Config: cloud.Config{Endpoint: "https://service.invalid", Transport: answers(service), APIKey: hostileKey, MaxRetries: 1, RequestTimeout: time.Minute, RetryWait: time.Millisecond},
		id:     testOrganization, patience: time.Millisecond,
	})
}

// aim is whose member, roles or invitation a write is about.
func aim(write string) (id string, aimed bool) {
	_, path, _ := strings.Cut(write, " /api/v1/")
	segments := strings.Split(path, "/")
	switch {
	case segments[0] == "users":
		return segments[1], true
	case strings.HasPrefix(write, "DELETE") && len(segments) == 4:
		return segments[3], true
	}
	return "", false
}

// lookAtAll asks for everybody in every way.
func lookAtAll(t *testing.T, d *People, everybody map[string]Person) {
	t.Helper()
	for key, p := range everybody {
		if _, err := d.Find(t.Context(), key); err != nil {
			t.Error(err)
		}
		_, _ = p.Invitation()
		_ = p.Grants(testOrganization)
		if p.Member == nil {
			continue
		}
		if _, _, err := d.Member(t.Context(), p.Member.UserID); err != nil {
			t.Error(err)
		}
		if _, err := json.Marshal(p.Member.RoleAssignments); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"", "1", "2", "3", "4", "owner"} {
		if _, _, err := d.Member(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.Owners(t.Context()); err != nil {
		t.Error(err)
	}
}

// A guard that counts owners must not be fooled by a list: somebody who is not an owner
// of this organization does not count.
func TestHostileOwners(t *testing.T) {
	t.Parallel()
	admin := func(organization string) string {
		return fmt.Sprintf(`"role_assignments":{"organization":[{"role_id":"organization-admin","organization_id":%q}]}`, organization)
	}
	for name, others := range map[string]string{
		"of another organization": `{"user_id":"2","email":"b@example.com",` + admin("another") + `}`,
		"the same person":         ownerEntry,
		"in another case":         `{"user_id":"2","email":"b@example.com","role_assignments":{"organization":[{"role_id":"Organization-Admin","organization_id":"` + testOrganization + `"}]}}`,
		"on a deployment":         `{"user_id":"2","email":"b@example.com","role_assignments":{"deployment":[{"role_id":"organization-admin","organization_id":"` + testOrganization + `","all":true}]}}`,
		"in an unknown branch":    `{"user_id":"2","email":"b@example.com","role_assignments":{"organizations":[{"role_id":"organization-admin","organization_id":"` + testOrganization + `"}]}}`,
		"nobody else":             `{"user_id":"2","email":"b@example.com"}`,
	} {
		service := &listing{members: `{"members":[` + ownerEntry + `,` + others + `]}`, invitations: `{"invitations":[{"token":"t","email":"c@example.com",` + admin(testOrganization) + `}]}`}
		d := hostileOrganization(t, service.ServeHTTP).People
		if err := d.Dismiss(t.Context(), "owner@example.com", false); err == nil {
			t.Errorf("%s: the last owner is removed", name)
		}
		if writes := service.take(); len(writes) > 0 {
			t.Errorf("%s: %v", name, writes)
		}
	}
}

// Role mappings that are not what one expects are read, and one is changed
// without touching another.
func TestHostileMappings(t *testing.T) {
	t.Parallel()
	const owners = `{"name":"owners","enabled":true,"rule":{"any":[{"group":"o"}]},"role_assignments":{"organization":[{"role_id":"organization-admin","organization_id":"` + testOrganization + `"}]}}`
	for name, other := range map[string]string{
		"twice":           `{"name":"a","enabled":true},{"name":"a","enabled":false}`,
		"no name":         `{"enabled":true},{"name":"","enabled":true},{"name":null}`,
		"null":            `null,{"name":"a","enabled":null,"rule":null,"role_assignments":null}`,
		"both of a kind":  `{"name":"a","enabled":true,"rule":{"any":[{"group":"g","email":"e"},{}],"all":[null]}}`,
		"unknown":         `{"name":"a","enabled":true,"priority":1,"rule":{"none":[{"group":"g"}],"any":[{"attribute":"x"}]}}`,
		"odd names":       `{"name":"../a"},{"name":"."},{"name":".."},{"name":"a,b"},{"name":","},{"name":"\u001b[2J"},{"name":"owners,a"}`,
		"long":            `{"name":"` + strings.Repeat("x", 100_000) + `"}`,
		"the case counts": `{"name":"Owners"},{"name":"OWNERS "}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := &listing{mappings: `{"mappings":[` + owners + `,` + other + `]}`}
				mappings := hostileOrganization(t, service.ServeHTTP).RoleMappings
				listed, err := mappings.List(t.Context())
				if err != nil || !slices.ContainsFunc(listed, func(m cloud.RoleMapping) bool {
					return m.Name == "owners" && m.GivesOrganizationAdmin(testOrganization)
				}) {
					t.Errorf("%v, %v", listed, err)
				}
				for _, m := range listed {
					if _, err := json.Marshal(m); err != nil {
						t.Error(err)
					}
					if m.Name != "owners" {
						cloudtest.WantHarmless(t, mappings.Delete(t.Context(), m.Name), hostileKey)
					}
				}
				for _, write := range service.take() {
					if strings.HasSuffix(write, "/owners") || strings.HasSuffix(write, "/role_mappings/") || strings.Contains(write, ",") {
						t.Errorf("made is %s", write)
					}
				}
				if _, found, err := mappings.Find(t.Context(), "owners"); err != nil || !found {
					t.Errorf("the owners are lost: %v", err)
				}
			})
		})
	}
}

// Somebody has two invitations that expired, and the service breaks after it has
// revoked one of them: what the next try sends is what the one promised that
// counts.
func TestTwoExpiredInvitations(t *testing.T) {
	t.Parallel()
	tries := map[string]func(context.Context, *People) error{
		"Ensure": func(ctx context.Context, d *People) error {
			_, _, err := d.Ensure(ctx, Wanted{Email: alice, KeepGrants: true})
			return err
		},
		"Resend": func(ctx context.Context, d *People) error {
			_, _, err := d.Ensure(ctx, Wanted{Email: alice, KeepGrants: true, Anew: true})
			return err
		},
	}
	for name, try := range tries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				expired := func(token string, ago time.Duration, role string) string {
					return fmt.Sprintf(`{"token":%q,"email":%q,"expired":true,"expires_at":%q,"role_assignments":{"organization":[{"role_id":%q,"organization_id":%q}]}}`,
						token, alice, time.Now().Add(-ago).Format(time.RFC3339), role, testOrganization)
				}
				list := map[string]string{"counts": expired("counts", time.Hour, "billing-admin"), "older": expired("older", 48*time.Hour, cloud.RoleOrganizationAdmin)}
				broken := true
				var sent string
				var mu sync.Mutex
				d := func() *People {
					return hostileOrganization(t, func(w http.ResponseWriter, r *http.Request) {
						mu.Lock()
						defer mu.Unlock()
						last := path.Base(r.URL.Path)
						switch {
						case r.Method == http.MethodGet && last == "members":
							_, _ = io.WriteString(w, `{"members":[`+ownerEntry+`]}`)
						case r.Method == http.MethodGet:
							_, _ = io.WriteString(w, `{"invitations":[`+strings.Join(slices.Sorted(maps.Values(list)), ",")+`]}`)
						case r.Method == http.MethodDelete && broken && last == "older":
							w.WriteHeader(http.StatusInternalServerError)
						case r.Method == http.MethodDelete:
							delete(list, last)
							_, _ = io.WriteString(w, "{}")
						default:
							body, _ := io.ReadAll(r.Body)
							sent = string(body)
							var request struct {
								Roles json.RawMessage `json:"role_assignments"`
							}
							_ = json.Unmarshal(body, &request) // the request shows what is wrong with it
							list["new"] = fmt.Sprintf(`{"token":"new","email":%q,"role_assignments":%s}`, alice, request.Roles)
							w.WriteHeader(http.StatusCreated)
							_, _ = fmt.Fprintf(w, `{"invitations":[{"token":"new","email":%q}]}`, alice)
						}
					}).People
				}
				if err := try(t.Context(), d()); err == nil || sent != "" {
					t.Fatalf("got %v, and %q was sent", err, sent)
				}
				broken = false
				if err := try(t.Context(), d()); err != nil || !strings.Contains(sent, "billing-admin") || strings.Contains(sent, cloud.RoleOrganizationAdmin) {
					t.Errorf("got %v, and %q was sent", err, sent)
				}
			})
		})
	}
}

// Two members with one address: the first is overwritten in the view, and once
// the second is gone a look-up of the first one's ID panics.
func TestTwoMembersWithOneAddress(t *testing.T) {
	t.Parallel()
	service := &listing{
		members:     `{"members":[` + ownerEntry + `,{"user_id":"1","email":"alice@example.com"},{"user_id":"2","email":"ALICE@example.com"}]}`,
		invitations: `{"invitations":[]}`,
		removes:     true,
	}
	d := hostileOrganization(t, service.ServeHTTP).People
	if err := d.Dismiss(t.Context(), "alice@example.com", false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Member(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
}

// The Kelvin sign is another letter than k; folding it lets one person take
// another one's place.
func TestKelvin(t *testing.T) {
	t.Parallel()
	service := &listing{
		members:     `{"members":[` + ownerEntry + `,{"user_id":"1","email":"kate@example.com"},{"user_id":"2","email":"\u212aate@example.com"}]}`,
		invitations: `{"invitations":[]}`,
	}
	d := hostileOrganization(t, service.ServeHTTP).People
	if p, err := d.Find(t.Context(), "kate@example.com"); err != nil || p.Member == nil || p.Member.UserID != "1" {
		t.Fatalf("%+v, %v", p.Member, err)
	}
}

// A member without an address is listed by user ID, and must be removed by it.
func TestMemberWithoutAddressIsRemoved(t *testing.T) {
	t.Parallel()
	service := &listing{members: `{"members":[` + ownerEntry + `,{"user_id":"Ab1"}]}`, invitations: `{"invitations":[]}`, removes: true}
	d := hostileOrganization(t, service.ServeHTTP).People
	if err := d.Dismiss(t.Context(), "Ab1", false); err != nil {
		t.Fatal(err)
	}
	if writes := service.take(); len(writes) != 1 {
		t.Fatalf("nobody was removed: %v", writes)
	}
}

// A proxy between a run and the service may answer anything. Each request ends with an
// error, and nothing counts as an empty list or as done.
func TestHostileReplies(t *testing.T) {
	t.Parallel()
	grant := cloud.Grant{Role: "deployment-viewer", Resource: "1"}
	calls := map[string]func(context.Context, *Organization) error{
		"ID":             func(ctx context.Context, o *Organization) error { o.id = ""; _, err := o.ID(ctx); return err },
		"Get":            func(ctx context.Context, o *Organization) error { _, err := o.Get(ctx); return err },
		"People.Find":    func(ctx context.Context, o *Organization) error { _, err := o.People.Find(ctx, alice); return err },
		"People.Member":  func(ctx context.Context, o *Organization) error { _, _, err := o.People.Member(ctx, "1"); return err },
		"People.All":     func(ctx context.Context, o *Organization) error { _, err := o.People.All(ctx); return err },
		"People.Owners":  func(ctx context.Context, o *Organization) error { _, err := o.People.Owners(ctx); return err },
		"People.Dismiss": func(ctx context.Context, o *Organization) error { return o.People.Dismiss(ctx, alice, true) },
		"People.Assign": func(ctx context.Context, o *Organization) error {
			_, err := o.People.Assign(ctx, alice, grant)
			return err
		},
		"People.Unassign":   func(ctx context.Context, o *Organization) error { return o.People.Unassign(ctx, alice, grant) },
		"Domains.List":      func(ctx context.Context, o *Organization) error { _, err := o.Domains.List(ctx); return err },
		"Domains.Verify":    func(ctx context.Context, o *Organization) error { return o.Domains.Verify(ctx, "example.com") },
		"Domains.Dismiss":   func(ctx context.Context, o *Organization) error { return o.Domains.Dismiss(ctx, "example.com") },
		"RoleMappings.List": func(ctx context.Context, o *Organization) error { _, err := o.RoleMappings.List(ctx); return err },
		"RoleMappings.Find": func(ctx context.Context, o *Organization) error {
			_, _, err := o.RoleMappings.Find(ctx, "a")
			return err
		},
		"RoleMappings.Add": func(ctx context.Context, o *Organization) error {
			return o.RoleMappings.Add(ctx, cloud.RoleMapping{Name: "a"})
		},
		"RoleMappings.Delete": func(ctx context.Context, o *Organization) error { return o.RoleMappings.Delete(ctx, "a") },
		"IdP.Get":             func(ctx context.Context, o *Organization) error { _, err := o.IdP.Get(ctx); return err },
		"IdP.Dismiss":         func(ctx context.Context, o *Organization) error { return o.IdP.Dismiss(ctx) },
		"Enforcement.Begin":   func(ctx context.Context, o *Organization) error { return o.Enforcement.Begin(ctx) },
		"Enforcement.Dismiss": func(ctx context.Context, o *Organization) error { return o.Enforcement.Dismiss(ctx) },
		"People.Ensure": func(ctx context.Context, o *Organization) error {
			_, _, err := o.People.Ensure(ctx, Wanted{Email: alice, Grants: []cloud.Grant{grant}})
			return err
		},
	}
	for name, reply := range map[string]struct {
		status int
		body   string
	}{
		"a page":                 {200, "<html><title>Sign in</title></html>"},
		"a page, 403":            {403, "<html>Blocked by the firewall</html>"},
		"a page, 404":            {404, "<html>Not found</html>"},
		"no reason, 404":         {404, ""},
		"null errors":            {404, `{"errors":[null,null]}`},
		"text":                   {200, "OK"},
		"half of an object":      {200, `{"members":[],"invitations":[],"domains":[],"mappings":[],"organizations":[`},
		"a message of control":   {400, `{"errors":[{"code":"\u001b[2Jx","message":"\u001b]8;;http://evil.example\u0007click\r\u202egnp"}]}`},
		"the key, in a message":  {403, `{"errors":[{"code":"c","message":"The key ` + hostileKey + ` may not"}]}`},
		"a thousand errors":      {400, `{"errors":[` + strings.Repeat(`{"code":"c","message":"m"},`, 10_000) + `{"code":"c","message":"m"}]}`},
		"an object without list": {502, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := hostileOrganization(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(reply.status)
					_, _ = io.WriteString(w, reply.body)
				})
				for call, do := range calls {
					o.id = testOrganization
					err := do(t.Context(), o)
					if cloudtest.WantHarmless(t, err, hostileKey); err == nil || cloud.Gone(err) {
						t.Errorf("%s takes it for an answer: %v", call, err)
					}
				}
			})
		})
	}
}

// saying answers every request with success, and this.
func saying(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// A list of organizations that never ends, or that has an entry that is not an
// organization, ends with an error.
func TestHostileOrganizations(t *testing.T) {
	t.Parallel()
	page := 0
	for name, service := range map[string]http.HandlerFunc{
		"without an end": func(w http.ResponseWriter, _ *http.Request) {
			page++
			_, _ = fmt.Fprintf(w, `{"organizations":[],"next_page":"%d"}`, page)
		},
		"without an ID":      saying(`{"organizations":[{"name":"x"}]}`),
		"null":               saying(`{"organizations":[null]}`),
		"of control":         saying(`{"organizations":[{"id":"\u001b[2J","name":"\u0007"},{"id":"2"}]}`),
		"of long names":      saying(`{"organizations":[{"id":"1","name":"` + strings.Repeat("x", 1<<20) + `"},{"id":"2"}]}`),
		"thousands":          saying(`{"organizations":[` + strings.Repeat(`{"id":"1","name":"x"},`, 10_000) + `{"id":"2"}]}`),
		"with a cursor {}":   saying(`{"organizations":[],"next_page":{}}`),
		"with an odd cursor": saying(`{"organizations":[],"next_page":"\r\nX-Injected: 1/../?&#"}`),
	} {
		o := hostileOrganization(t, service)
		o.id = ""
		id, err := o.ID(t.Context())
		if err == nil {
			t.Errorf("%s: the organization is %q", name, id)
		}
		cloudtest.WantHarmless(t, err, hostileKey)
	}
	if page > 1001 {
		t.Errorf("%d pages were read", page)
	}
}
