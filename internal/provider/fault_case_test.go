// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// forgotten is in the error if an invitation is revoked, or may be, and no other replaced
// it. Only the error then has what the invitation offered in addition to grants.
const forgotten = `without the access that only the old one promised: {"connected_cluster":[{"role_id":"y"}]}`

// notKnown is in that error too where the answer to the revocation or to the new
// invitation did not come: either may have been carried out, or not.
const notKnown = "is not known"

var errWrongPlan = errors.New("the plan changes something")

// outcomeOfCase is what became of one case.
type outcomeOfCase struct {
	missed   bool // the fault met no call: what is done at the same time may go in one request, or in two
	failed   bool // the run with the fault ended with an error
	mails    map[string]int
	writes   int
	problems []string
}

func (r *outcomeOfCase) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// run makes the run with the fault, one without, and a plan.
func (c matrixCase) run(healthy outcomeOfCase) (r outcomeOfCase) {
	ctx, cancel := timeout()
	defer cancel()
	start := time.Now()
	s, err := c.setUp(ctx, cloudtest.Seed(int64(len(c.name()))))
	if err != nil {
		r.problem("%v", err)
		return r
	}
	defer s.srv.Close()
	others := map[string]object{}
	for address := range c.others() {
		others[address] = s.core.State[address]
	}
	lost := s.watch(c.operation)
	settings := s.core.settings
	c.begin(s)
	firstErr := c.firstRun(ctx, s.core)
	r.missed = c.lag == 0 && s.srv.Count(c.route) <= c.call
	s.srv.ClearFaults()
	s.srv.SetLag(0)
	s.core.settings = settings
	want := c.wanted()
	less := want // what is right in the end, too
	if r.failed = firstErr != nil; r.failed {
		c.checkError(firstErr, s.srv, &r)
		if strings.Contains(firstErr.Error(), forgotten) {
			less = maps.Clone(want)
			maps.Copy(less, c.forgets)
			if !strings.Contains(firstErr.Error(), notKnown) {
				want = less
			}
		}
	} else if got := inService(s.srv); !maps.Equal(got, want) {
		r.problem("the run with the fault succeeded, and the service holds %v", difference(got, want))
	}

	c.finish(ctx, s, firstErr, &r)
	if got := inService(s.srv); !maps.Equal(got, want) && !maps.Equal(got, less) {
		r.problem("the service holds %v; the first run failed with: %v", difference(got, want), firstErr)
	}
	for email, n := range mailsTo(s.srv, s.mails) {
		if c.fails.Part { // an invitation that promises less than it was sent with cannot be changed
			n--
		}
		if n > healthy.mails[email] {
			r.problem("%s got %d e-mails, and without a fault %d", email, n, healthy.mails[email])
		}
	}
	if healthy.writes == 0 && len(s.srv.Writes()) > 0 {
		r.problem("something was written")
	}
	for address, before := range others {
		after := s.core.State[address]
		if !after.Value.Equal(before.Value) || !bytes.Equal(after.Private, before.Private) {
			r.problem("the state of %s changed from %v to %v", address, before.Value, after.Value)
		}
	}
	if c.check != nil {
		if err := c.check(s); err != nil {
			r.problem("%v", err)
		}
	}
	if took := time.Since(start); took > caseTime {
		r.problem("it took %s", took)
	}
	r.problems = slices.Concat(r.problems, s.srv.Violations(), lost.all())
	return r
}

// finish applies again, without a fault. Then the plan has to be empty.
func (c matrixCase) finish(ctx context.Context, s *scene, firstErr error, r *outcomeOfCase) {
	for _, last := range []bool{false, true} {
		changes, err := s.core.plan(ctx, c.configuration(c.after))
		switch {
		case err == nil && len(changes) == 0:
			return
		case err == nil && last:
			r.problem("the plan after the second apply is not empty: %v", addresses(changes))
			return
		case err == nil:
			err = s.core.carryOut(ctx, changes)
		}
		if err != nil {
			r.problem("the second apply fails: %v\nafter the first one: %v", err, firstErr)
			return
		}
	}
}

// begin makes the service fail.
func (c matrixCase) begin(s *scene) {
	if c.lag > 0 {
		s.srv.SetLag(c.lag)
		return
	}
	f := c.fails
	f.Route, f.Skip = c.route, c.call
	if c.retryAfter != nil {
		f.Header = http.Header{"Retry-After": {c.retryAfter(time.Now())}}
	}
	s.srv.Fail(f)
	if f.Hang > 0 {
		settings := map[string]any{"request_timeout": timeoutOfHanging.String(), "max_retries": 1}
		maps.Copy(settings, s.core.settings)
		s.core.settings = settings
	}
}

// checkError wants an error that names what it is about and shows no secret.
func (c matrixCase) checkError(err error, srv *cloudtest.Server, r *outcomeOfCase) {
	text := err.Error()
	if !slices.ContainsFunc(c.namesInErrors(), func(name string) bool { return strings.Contains(text, name) }) {
		r.problem("the error does not name what it is about: %s", text)
	}
	for _, secret := range append(srv.Tokens(), srv.Key) {
		if strings.Contains(text, secret) {
			r.problem("the error has a secret in it: %s", text)
		}
	}
	if errors.Is(err, errWrongPlan) || strings.Contains(text, "which Terraform would taint") {
		r.problem("%s", text)
	}
}

// losses are what was lost for a moment.
type losses struct {
	mu    sync.Mutex
	found map[string]string // by the name of the object
}

func (l *losses) add(name, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found[name] = name + fmt.Sprintf(format, args...)
}

func (l *losses) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.found))
}

// watch looks after each request that nothing is lost: what the operation does
// not change stays as it is, and of what it changes what both configurations
// have.
func (s *scene) watch(o *operation) *losses {
	lost := &losses{found: map[string]string{}}
	s.srv.Observe(func() {
		now := inService(s.srv)
		for name, held := range s.before {
			if _, changes := o.want[name]; !changes && now[name] != held {
				lost.add(name, " was %q for a moment and not %q", now[name], held)
			}
		}
		for name, grants := range o.keeps {
			if now[name] == "" || !containsAll(strings.Fields(now[name]), grants) {
				lost.add(name, " was %q for a moment, without all of %v", now[name], grants)
			}
		}
	})
	return lost
}

// inService is what the service holds, each object in words.
func inService(srv *cloudtest.Server) map[string]string {
	held := map[string]string{}
	for _, email := range srv.Emails() {
		words := append([]string{srv.Status(email)}, srv.Grants(email)...)
		held[email] = strings.Join(append(words, slices.Sorted(maps.Keys(srv.UnknownAssignments(email)))...), " ")
	}
	for _, m := range srv.RoleMappings() {
		held["mapping "+m.Name] = mappingWords(m.Enabled, m.Rule, m.Grants...)
	}
	for _, domain := range srv.Domains() {
		held["domain "+domain] = "claimed"
	}
	if idp := srv.IdP(); idp != nil {
		held["idp"] = idpWords(*idp)
	}
	if srv.Enforced() {
		held["sso"] = "enforced"
	}
	return held
}

// difference returns how the present state differs from the wanted one.
func difference(got, want map[string]string) (texts []string) {
	names := slices.Collect(maps.Keys(want))
	for name := range got {
		if _, wanted := want[name]; !wanted {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if got[name] != want[name] {
			texts = append(texts, fmt.Sprintf("%s: %q and not %q", name, got[name], want[name]))
		}
	}
	return texts
}

func mappingWords(enabled bool, rule cloudtest.Rule, grants ...string) string {
	return fmt.Sprintf("%t %v %s", enabled, rule, strings.Join(grants, " "))
}

// idpWords are the same for each placeholder, which has another certificate each time.
func idpWords(idp cloudtest.IdP) string {
	if idp.Issuer == thePlaceholder.Issuer && !idp.Enabled {
		return "placeholder " + idp.LoginIdentifierPrefix
	}
	idp.Certificates = slices.Clone(idp.Certificates) // tests at the same time share them
	for i, text := range idp.Certificates {
		idp.Certificates[i] = strings.TrimSpace(text)
	}
	return fmt.Sprint(idp)
}
