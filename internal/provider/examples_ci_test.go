// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// pullRequestChanges are what two pushes make of the example, and a third one
// that cannot be planned.
var pullRequestChanges = []*strings.Replacer{
	strings.NewReplacer(`["deployment-viewer:*", "billing-admin"]`, `["organization-admin", "billing-admin"]`),
	strings.NewReplacer(`"alice@example.com" = ["deployment-editor:*"]`, `"carol@example.com" = ["deployment-editor:*"]`),
	strings.NewReplacer(`email = each.key`, `email = `),
}

// push changes the configuration of the runner.
func (r runner) push(changes *strings.Replacer) {
	r.t.Helper()
	before := read(r.t, "pull-request-review/main.tf")
	after := changes.Replace(before)
	if after == before {
		r.t.Fatal("the change changes nothing")
	}
	r.write("main.tf", after)
}

const reviewMarker = "<!-- elasticcloud access review -->\n"

// wantReviews checks what is said of each of pullRequestChanges.
func wantReviews(t *testing.T, push int, body string) {
	t.Helper()
	if !strings.HasPrefix(body, reviewMarker) || strings.Count(body, reviewMarker) != 1 {
		t.Errorf("the comment does not begin with the marker, once: %s", body)
	}
	words := [][]string{
		{"**2 grants change.**", "- **`bob@example.com` becomes an owner**", "- `bob@example.com` gains `organization-admin`; loses `deployment-viewer:*`.",
			"<details><summary>The whole plan</summary>", "Plan: 0 to add, 1 to change, 0 to destroy."},
		{"**1 person gains access, 1 person loses all access.**", "- `alice@example.com` leaves the organization", "- `carol@example.com` is invited", "Plan: 1 to add, 0 to change, 1 to destroy."},
		{"**The plan failed**", "https://ci.example/run/7"},
	}[push]
	for _, word := range words {
		if !strings.Contains(body, word) {
			t.Errorf("no %q in:\n%s", word, body)
		}
	}
}

func TestExamplePullRequestOnGitHub(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "pull-request-review")
	fromOthers := []gitHubComment{
		{ID: 1, User: gitHubBot, Body: "From another workflow."}, {ID: 2, User: "mallory", Body: reviewMarker + "Nothing changes."}, {ID: 3, User: "alice", Body: "Why?"},
	}
	if err := (&gitHub{Issues: map[int]*gitHubIssue{7: {Comments: fromOthers}}}).save(r.gitHub); err != nil {
		t.Fatal(err)
	}
	srv.ResetLedger()
	for push, changes := range pullRequestChanges {
		r.push(changes)
		out, succeeded := r.workflow("pull-request-review/github-workflow.yml", map[string]string{
			"secrets.EC_API_KEY": srv.Key, "github.token": "token", "github.repository": "acme/access", "github.event.pull_request.number": "7",
			"github.server_url": "https://ci.example/run/7?", "github.run_id": "1",
		})
		if succeeded != (push < 2) {
			t.Fatalf("push %d succeeded: %t\n%s", push, succeeded, out)
		}
		comments := r.github().Issues[7].Comments
		if len(comments) != 4 {
			t.Fatalf("after push %d there are %d comments, not one more than before: %v", push, len(comments), comments)
		}
		for i, comment := range fromOthers {
			if comments[i] != comment {
				t.Errorf("another comment was changed: %v", comments[i])
			}
		}
		wantReviews(t, push, comments[3].Body)
	}
	if writes := srv.Writes(); len(writes) > 0 {
		t.Errorf("a plan changed something on the service: %v", writes)
	}
}

// gitLab has the notes of one merge request.
type gitLab struct {
	*httptest.Server
	lock  sync.Mutex
	notes []gitLabNote
}

type gitLabNote struct {
	ID     int            `json:"id"`
	Body   string         `json:"body"`
	Author map[string]int `json:"author"`
}

const gitLabToken = "glpat-1"

func newGitLab(t *testing.T, notes ...gitLabNote) *gitLab {
	t.Helper()
	g := &gitLab{notes: notes}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v4/user", func(w http.ResponseWriter, _ *http.Request) { g.answer(w, map[string]int{"id": 11}) })
	mux.HandleFunc("GET /api/v4/projects/5/merge_requests/7/notes", func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.FormValue("page"))
		first, last := 2*(page-1), min(2*page, len(g.notes)) // small pages, so that there are several
		if last < len(g.notes) {
			w.Header().Set("X-Next-Page", strconv.Itoa(page+1))
		} else {
			w.Header().Set("X-Next-Page", "")
		}
		g.answer(w, g.notes[first:last])
	})
	mux.HandleFunc("POST /api/v4/projects/5/merge_requests/7/notes", func(w http.ResponseWriter, r *http.Request) {
		g.notes = append(g.notes, gitLabNote{ID: 100 + len(g.notes), Body: r.FormValue("body"), Author: map[string]int{"id": 11}})
		g.answer(w, nil)
	})
	mux.HandleFunc("PUT /api/v4/projects/5/merge_requests/7/notes/{id}", func(w http.ResponseWriter, r *http.Request) {
		for i := range g.notes {
			if strconv.Itoa(g.notes[i].ID) == r.PathValue("id") {
				g.notes[i].Body = r.FormValue("body")
				g.answer(w, nil)
				return
			}
		}
		http.NotFound(w, r)
	})
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.lock.Lock()
		defer g.lock.Unlock()
		if r.Header.Get("PRIVATE-TOKEN") != gitLabToken {
			http.Error(w, "no such token", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gitLab) answer(w http.ResponseWriter, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}

func TestExamplePullRequestOnGitLab(t *testing.T) {
	t.Parallel()
	var pipeline struct {
		Review struct {
			Rules     []map[string]string `yaml:"rules"`
			Variables map[string]string   `yaml:"variables"`
			Script    []string            `yaml:"script"`
			Artifacts any                 `yaml:"artifacts"`
		} `yaml:"access-review"`
	}
	readYAML(t, "pull-request-review/gitlab-ci.yml", &pipeline)
	if rules := pipeline.Review.Rules; len(rules) != 1 || !strings.Contains(rules[0]["if"], "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID") || pipeline.Review.Artifacts != nil {
		t.Errorf("it runs for forks, or keeps artifacts: %v", pipeline.Review)
	}
	fromOthers := []gitLabNote{
		{ID: 1, Body: "Why?", Author: map[string]int{"id": 12}}, {ID: 2, Body: reviewMarker + "Nothing changes.", Author: map[string]int{"id": 12}}, {ID: 3, Body: "From another job.", Author: map[string]int{"id": 11}},
	}
	hub := newGitLab(t, fromOthers...)
	srv := newFake(t)
	r := newRunner(t, srv, "pull-request-review")
	// A runner puts the lines into one script.
	script := filepath.Join(t.TempDir(), "script.sh")
	if err := os.WriteFile(script, []byte(strings.Join(pipeline.Review.Script, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"EC_API_KEY": srv.Key, "ACCESS_REVIEW_TOKEN": gitLabToken, "CI_JOB_URL": "https://ci.example/run/7",
		"CI_API_V4_URL": hub.URL + "/api/v4", "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7",
	}
	env["NOTES"] = os.Expand(pipeline.Review.Variables["NOTES"], func(name string) string { return env[name] })
	for push, changes := range pullRequestChanges {
		r.push(changes)
		out, code := r.script(env, "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		if (code == 0) != (push < 2) {
			t.Fatalf("push %d ended with %d\n%s", push, code, out)
		}
		if len(hub.notes) != 4 || fmt.Sprint(hub.notes[:3]) != fmt.Sprint(fromOthers) {
			t.Fatalf("after push %d there are not the notes of before and one more, but %v\n%s", push, hub.notes, out)
		}
		wantReviews(t, push, hub.notes[3].Body)
	}
}

// drift takes an organization through a history, and calls look after each step:
// with what has to be said now, where something new has to be.
func driftHistory(t *testing.T, srv *cloudtest.Server, r runner, look func(step string, drifted bool, says ...string)) {
	t.Helper()
	look("as configured", false, "as the configuration says")
	srv.Grant("alice@example.com", "organization-admin")
	look("drift", true, "`alice@example.com` gained `organization-admin`")
	look("the same drift", true)
	srv.AddMember("mallory@example.com", "billing-admin")
	look("other drift", true, "`mallory@example.com` leaves the organization")
	r.must("apply", "-auto-approve")
	look("repaired", false, "as the configuration says")
	look("still repaired", false)
	srv.Remove("bob@example.com")
	look("drift again", true, "`bob@example.com` is invited")
}

func TestExampleDriftOnGitHub(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "drift")
	others := &gitHub{Issues: map[int]*gitHubIssue{
		1: {Title: "By hand", State: "open", User: "mallory", Body: "<!-- elasticcloud drift 0 -->\nNot the workflow's."},
		2: {Title: "Of another workflow", State: "open", User: gitHubBot},
		3: {Title: "More", State: "open", User: gitHubBot, Body: "More."},
	}}
	if err := others.save(r.gitHub); err != nil {
		t.Fatal(err)
	}
	run := func(key string) (string, bool) {
		return r.workflow("drift/github-workflow.yml", map[string]string{"secrets.EC_API_KEY": key, "github.token": "token", "github.repository": "acme/access"})
	}
	newest := 3
	driftHistory(t, srv, r, func(step string, drifted bool, says ...string) {
		before := r.github()
		if out, succeeded := run(srv.Key); !succeeded {
			t.Fatalf("%s: %s", step, out)
		}
		hub := r.github()
		was, is := before.Issues[newest], hub.Issues[newest]
		if step == "drift" || step == "drift again" {
			newest++
			was, is = &gitHubIssue{}, hub.Issues[newest]
		}
		if len(hub.Issues) != newest || is == nil {
			t.Fatalf("%s: there are %d issues", step, len(hub.Issues))
		}
		switch {
		case newest == 3 || len(says) == 0:
			if hub.Writes != before.Writes {
				t.Errorf("%s: something was written", step)
			}
		case drifted:
			if is.State != "open" || !strings.Contains(is.Body, says[0]) || is.Labels[0] != "access-drift" || len(is.Comments) != len(was.Comments)+min(len(was.Body), 1) {
				t.Errorf("%s: %v", step, is)
			}
		default:
			if is.State != "closed" || !strings.Contains(is.Comments[len(is.Comments)-1].Body, says[0]) {
				t.Errorf("%s: %v", step, is)
			}
		}
	})

	// A plan that fails fails the run, and is no end of the drift.
	before := r.github().Writes
	if out, succeeded := run("wrong"); succeeded || !strings.Contains(out, "Error:") {
		t.Errorf("a plan that fails: %t\n%s", succeeded, out)
	}
	if hub := r.github(); hub.Writes != before || hub.Issues[newest].State != "open" {
		t.Errorf("the run that failed changed something: %v", hub.Issues[newest])
	}
	for number := range others.Issues {
		if got, want := r.github().Issues[number], others.Issues[number]; got.State != "open" || got.Body != want.Body || len(got.Comments) > 0 {
			t.Errorf("issue %d was changed: %v", number, got)
		}
	}
}

func TestExampleDriftFromCron(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "drift")
	mails := filepath.Join(t.TempDir(), "mails")
	env := map[string]string{"EC_API_KEY": srv.Key, "DRIFT_NOTIFY": `{ echo "To: admins"; echo "Subject: $DRIFT_SUBJECT"; cat; } >> "$MAILS"`, "MAILS": mails}
	run := func() (string, int) {
		return r.script(env, "sh", filepath.Join(r.workspace.Dir, "drift.sh"), r.workspace.Dir)
	}
	sent := func() string {
		content, err := os.ReadFile(mails)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return string(content)
	}
	driftHistory(t, srv, r, func(step string, drifted bool, says ...string) {
		before := sent()
		want := map[bool]int{false: 0, true: 2}[drifted]
		if out, code := run(); code != want || out != "" {
			t.Fatalf("%s: ended with %d, and printed %s", step, code, out)
		}
		mail := strings.TrimPrefix(sent(), before)
		subject := map[bool]string{false: "Subject: No drift\n", true: "Subject: Drift, or a change that is not applied yet\n"}[drifted]
		switch {
		case len(says) == 0 && mail != "":
			t.Errorf("%s: sent again: %s", step, mail)
		case len(says) > 0 && (strings.Count(mail, "To: admins") != 1 || !strings.Contains(mail, subject) || !strings.Contains(mail, says[0])):
			t.Errorf("%s: sent %q", step, mail)
		}
	})

	// What fails is loud, and forgets nothing: neither a plan nor a notifier.
	before := sent()
	env["EC_API_KEY"] = "wrong"
	if out, code := run(); code != 1 || !strings.Contains(out, "Error:") || !strings.Contains(out, "drift.sh: terraform plan failed, so nobody knows") {
		t.Errorf("a plan that fails: %d, %s", code, out)
	}
	env["EC_API_KEY"], env["DRIFT_NOTIFY"] = srv.Key, "false"
	srv.Grant("alice@example.com", "billing-admin")
	if out, code := run(); code == 0 || code == 2 {
		t.Errorf("a notifier that fails: %d, %s", code, out)
	}
	if sent() != before {
		t.Errorf("sent: %s", strings.TrimPrefix(sent(), before))
	}
	env["DRIFT_NOTIFY"] = ""
	if out, code := run(); code != 2 || !strings.HasPrefix(out, "Drift, or a change that is not applied yet\n") || !strings.Contains(out, "`alice@example.com` gained `billing-admin`") {
		t.Errorf("with nobody to notify: %d, %s", code, out)
	}
}
