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

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/standin"
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
	fromOthers := []standin.Comment{
		{ID: 1, User: standin.Bot, Body: "From another workflow."}, {ID: 2, User: "mallory", Body: reviewMarker + "Nothing changes."}, {ID: 3, User: "alice", Body: "Why?"},
	}
	if err := (&standin.GitHub{Issues: map[int]*standin.Issue{7: {Comments: fromOthers}}}).Save(r.gitHub); err != nil {
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
