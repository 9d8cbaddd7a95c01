// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/standin"
)

// pullRequestChanges are what two pushes make of the example, a third one that
// cannot be planned, and a fourth one that apply would refuse.
var pullRequestChanges = []*strings.Replacer{
	strings.NewReplacer(`["deployment-viewer:*", "billing-admin"]`, `["organization-admin", "billing-admin"]`),
	strings.NewReplacer(`"alice@example.com" = ["deployment-editor:*"]`, `"carol@example.com" = ["deployment-editor:*"]`),
	strings.NewReplacer(`email = each.key`, `email = each.nothing`),
	strings.NewReplacer(`provider "elasticcloud" {}`, `provider "elasticcloud" { max_removals = 0 }`,
		`    "alice@example.com" = ["deployment-editor:*"]`+"\n", ""),
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
		{"**Owners change, 2 grants change.**", "- **`bob@example.com` becomes an owner**", "- `bob@example.com` gains `organization-admin`; loses `deployment-viewer:*`.",
			"<details><summary>The whole plan</summary>", "Plan: 0 to add, 1 to change, 0 to destroy."},
		{"**1 person gains access, 1 person loses all access.**", "- `alice@example.com` is removed from the organization", "- `carol@example.com` is invited", "Plan: 1 to add, 0 to change, 1 to destroy."},
		{"**The plan failed**", "https://ci.example/run/7"},
		{"### Apply will fail: it refuses a part of this plan", "- `alice@example.com` is removed from the organization", "Plan: 0 to add, 0 to change, 1 to destroy."},
	}[push]
	for _, word := range words {
		if !strings.Contains(body, word) {
			t.Errorf("no %q in:\n%s", word, body)
		}
	}
}

// wantLog checks that the log shows people what the plan says, or why there is
// none.
func wantLog(t *testing.T, push int, log string) {
	t.Helper()
	word := []string{"Plan: 0 to add, 1 to change, 0 to destroy.", "Plan: 1 to add, 0 to change, 1 to destroy.",
		"Error: Invalid \"each\" attribute\n  on main.tf line ", "Plan: 0 to add, 0 to change, 1 to destroy."}[push]
	if !strings.Contains(log, word) || strings.Contains(log, `"@level"`) {
		t.Errorf("push %d: no %q in the log, or events:\n%s", push, word, log)
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
	run := func(push int) (string, bool) {
		return r.workflow("pull-request-review/github-workflow.yml", map[string]string{
			"secrets.EC_API_KEY": srv.Key, "github.token": "token", "github.repository": "acme/access",
			"github.event.pull_request.number": "7", "github.event.pull_request.head.sha": commitOf(push),
			"github.server_url": "https://ci.example/run/7?", "github.run_id": "1",
		})
	}
	wantStatus := func(push int, state, description string) {
		t.Helper()
		if got, want := r.github().Statuses[commitOf(push)+" access-review/approvals"], (standin.Status{State: state, Description: description}); got != want {
			t.Errorf("push %d: the status is %v, not %v", push, got, want)
		}
	}
	for push, changes := range pullRequestChanges {
		r.push(changes)
		out, succeeded := run(push)
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
		wantLog(t, push, out)
		if _, after, shown := strings.Cut(out, "::stop-commands::"); push != 2 && (!shown || !strings.Contains(after, "Plan: ")) {
			t.Errorf("the runner would take commands from a plan: %s", out)
		}
	}
	wantStatus(0, "pending", "Two people have to approve: owner")
	wantStatus(1, "success", "No second reviewer is needed")
	wantStatus(2, "failure", "There is no summary of the plan")
	wantStatus(3, "failure", "Apply would refuse this plan")

	// Two people who may, of this very commit, and who did not think better of it.
	r.push(pullRequestChanges[0])
	reviews := func(count int, state string, added ...standin.Review) {
		t.Helper()
		hub := r.github()
		hub.Reviews = append(hub.Reviews, added...)
		if err := hub.Save(r.gitHub); err != nil {
			t.Fatal(err)
		}
		if out, succeeded := run(0); !succeeded {
			t.Fatalf("after %v: %s", added, out)
		}
		description := "Two people have to approve: owner"
		if state == "success" {
			description = fmt.Sprintf("%d people approved: owner", count)
		}
		wantStatus(0, state, description)
	}
	review := func(user, state string) standin.Review {
		return standin.Review{User: user, State: state, Commit: commitOf(0), Association: "MEMBER"}
	}
	reviews(1, "pending", review("alice", "APPROVED"), review("alice", "APPROVED"),
		standin.Review{User: "mallory", State: "APPROVED", Commit: commitOf(0), Association: "NONE"},
		standin.Review{User: "bob", State: "APPROVED", Commit: commitOf(1), Association: "OWNER"}, review("carol", "COMMENTED"))
	reviews(2, "success", review("bob", "APPROVED"), review("bob", "COMMENTED"))
	reviews(1, "pending", review("alice", "CHANGES_REQUESTED"))
	reviews(2, "success", review("alice", "APPROVED"))
	reviews(1, "pending", review("bob", "DISMISSED"))
	if writes := srv.Writes(); len(writes) > 0 {
		t.Errorf("a plan changed something on the service: %v", writes)
	}
}

func commitOf(push int) string { return fmt.Sprintf("%040x", push+1) }

// gitLab has the notes of one merge request, and who approved it.
type gitLab struct {
	*httptest.Server
	lock      sync.Mutex
	notes     []gitLabNote
	approvals []int
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
	mux.HandleFunc("GET /api/v4/projects/5/merge_requests/7", func(w http.ResponseWriter, _ *http.Request) {
		g.answer(w, map[string]any{"iid": 7, "author": map[string]int{"id": 12}})
	})
	mux.HandleFunc("GET /api/v4/projects/5/merge_requests/7/approvals", func(w http.ResponseWriter, _ *http.Request) {
		approvedBy := []any{}
		for _, id := range g.approvals {
			approvedBy = append(approvedBy, map[string]any{"user": map[string]int{"id": id}})
		}
		g.answer(w, map[string]any{"approved_by": approvedBy})
	})
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
			Image     map[string]any      `yaml:"image"`
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
	if image := fmt.Sprint(pipeline.Review.Image); !strings.Contains(image, "entrypoint:[] name:hashicorp/terraform:") {
		t.Errorf("the image is %s", image)
	}
	fromOthers := []gitLabNote{
		{ID: 1, Body: "Why?", Author: map[string]int{"id": 12}}, {ID: 2, Body: reviewMarker + "Nothing changes.", Author: map[string]int{"id": 12}}, {ID: 3, Body: "From another job.", Author: map[string]int{"id": 11}},
	}
	hub := newGitLab(t, fromOthers...)
	srv := newFake(t)
	r := newRunner(t, srv, "pull-request-review")
	// A runner puts the lines into one script, for the shell of the image.
	script := filepath.Join(t.TempDir(), "script.sh")
	if err := os.WriteFile(script, []byte(strings.Join(pipeline.Review.Script, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"EC_API_KEY": srv.Key, "ACCESS_REVIEW_TOKEN": gitLabToken, "CI_JOB_URL": "https://ci.example/run/7",
		"CI_API_V4_URL": hub.URL + "/api/v4", "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7", "PLANSUMMARY_URL": r.mirror,
	}
	env["MERGE_REQUEST"] = os.Expand(pipeline.Review.Variables["MERGE_REQUEST"], func(name string) string { return env[name] })
	run := func() (string, int) { return r.script(env, "sh", "-e", script) }
	for push, changes := range pullRequestChanges {
		r.push(changes)
		out, code := run()
		if want := []int{3, 0, 1, 3}[push]; code != want {
			t.Fatalf("push %d ended with %d, not %d\n%s", push, code, want, out)
		}
		if len(hub.notes) != 4 || fmt.Sprint(hub.notes[:3]) != fmt.Sprint(fromOthers) {
			t.Fatalf("after push %d there are not the notes of before and one more, but %v\n%s", push, hub.notes, out)
		}
		wantReviews(t, push, hub.notes[3].Body)
		wantLog(t, push, out)
		if asks := strings.Contains(out, "Two people have to approve this merge request, and 0 did."); asks != (push == 0) {
			t.Errorf("push %d asks for a second reviewer: %t\n%s", push, asks, out)
		}
	}

	// Approvals let the first change pass, but that of the author does not count.
	r.push(pullRequestChanges[0])
	for _, test := range []struct {
		approvals []int
		code      int
	}{{[]int{12, 13}, 3}, {[]int{12, 13, 14}, 0}} {
		hub.approvals = test.approvals
		if out, code := run(); code != test.code {
			t.Errorf("approved by %v: %d\n%s", test.approvals, code, out)
		}
	}
	r.push(pullRequestChanges[3])
	if out, code := run(); code != 3 {
		t.Errorf("what apply would refuse was approved: %d\n%s", code, out)
	}
	// A script that is not the pinned one is not run.
	env["PLANSUMMARY_URL"] = serveRelease(t, release{"plansummary.sh": []byte("touch ran; exit 0\n")})
	notes := fmt.Sprint(hub.notes)
	if out, code := run(); code == 0 || !strings.Contains(out, "plansummary.sh: FAILED") || fmt.Sprint(hub.notes) != notes {
		t.Errorf("another script: %d\n%s", code, out)
	}
	if _, err := os.Stat(filepath.Join(r.workspace.Dir, "ran")); err == nil {
		t.Error("the other script was run")
	}
}

func TestExamplePullRequestOnAtlantis(t *testing.T) {
	t.Parallel()
	type stage struct {
		Steps []any `yaml:"steps"`
	}
	var config struct {
		Repos []struct {
			Workflow     string `yaml:"workflow"`
			PolicyCheck  bool   `yaml:"policy_check"`
			CustomCheck  bool   `yaml:"custom_policy_check"`
			OwnWorkflows bool   `yaml:"allow_custom_workflows"`
		} `yaml:"repos"`
		Policies  map[string]any              `yaml:"policies"`
		Workflows map[string]map[string]stage `yaml:"workflows"`
	}
	readYAML(t, "pull-request-review/atlantis-repos.yaml", &config)
	if len(config.Repos) != 1 || !config.Repos[0].PolicyCheck || !config.Repos[0].CustomCheck || config.Repos[0].OwnWorkflows || config.Policies["policy_sets"] == nil {
		t.Errorf("the check is not on, or can be changed: %v", config)
	}
	workflow := config.Workflows[config.Repos[0].Workflow]
	srv := newFake(t)
	r := newRunner(t, srv, "pull-request-review")
	env := map[string]string{"EC_API_KEY": srv.Key, "PLANFILE": filepath.Join(r.workspace.Dir, "default.tfplan")}
	env["PATH"] = pathOf(r.env) + string(os.PathListSeparator) + filepath.Dir(builtSummary(t))
	// run runs the steps of a stage as Atlantis would: the first one that fails ends it.
	run := func(name string) (string, int) {
		t.Helper()
		var printed strings.Builder
		commands := 0
		for _, step := range workflow[name].Steps {
			details, _ := step.(map[string]any)
			if details == nil { // a command of Atlantis itself: init and show
				continue
			}
			command, _ := details["run"].(map[string]any)
			if command["shell"] != "sh" || fmt.Sprint(command["shellArgs"]) != "[-eu -c]" {
				t.Fatalf("%s runs %v", name, command)
			}
			commands++
			out, code := r.script(env, "sh", "-eu", "-c", fmt.Sprint(command["command"]))
			printed.WriteString(out)
			if code != 0 {
				return printed.String(), code
			}
		}
		if commands == 0 {
			t.Fatalf("%s runs nothing", name)
		}
		return printed.String(), 0
	}
	for push, changes := range pullRequestChanges {
		r.push(changes)
		out, code := run("plan")
		if want := []int{0, 0, 1, 3}[push]; code != want {
			t.Fatalf("push %d ended with %d, not %d\n%s", push, code, want, out)
		}
		want := []string{"- **`bob@example.com` becomes an owner**", "- `carol@example.com` is invited", "Error: Invalid \"each\" attribute\n\nThe \"each\" object", "- `alice@example.com` is removed from the organization"}[push]
		if !strings.Contains(out, want) || strings.Contains(out, `"@level"`) {
			t.Errorf("push %d: no %q in:\n%s", push, want, out)
		}
		if code != 0 {
			continue
		}
		out, code = run("policy_check")
		if failed := strings.Contains(out, "fail"); code != 0 || failed != (push == 0) || strings.Contains(out, "@") {
			t.Errorf("push %d: the check ends with %d, and says: %s", push, code, out)
		}
	}
	// Without a summary the check fails.
	if err := os.Remove(filepath.Join(r.workspace.Dir, "plan.json")); err != nil {
		t.Fatal(err)
	}
	if out, code := run("policy_check"); code != 0 || !strings.HasPrefix(out, "fail: there is no summary") {
		t.Errorf("without a plan: %d, %s", code, out)
	}
}

func TestExamplePullRequestOnSpacelift(t *testing.T) {
	t.Parallel()
	var config struct {
		Version string                         `yaml:"version"`
		Stacks  map[string]map[string][]string `yaml:"stacks"`
	}
	readYAML(t, "pull-request-review/spacelift-config.yml", &config)
	hooks := config.Stacks["access"]
	srv := newFake(t)
	r := newRunner(t, srv, "pull-request-review")
	env := map[string]string{"EC_API_KEY": srv.Key, "PLANSUMMARY_URL": r.mirror}
	if _, err := exec.LookPath("wget"); err != nil {
		t.Skip(err)
	}
	env["PATH"] = pathOf(r.env) + string(os.PathListSeparator) + toolsFolder(t, "wget")
	run := func(hook string) (string, int) {
		t.Helper()
		if len(hooks[hook]) == 0 {
			t.Fatalf("there is no %s", hook)
		}
		var printed strings.Builder
		for _, command := range hooks[hook] {
			out, code := r.script(env, "sh", "-c", command)
			printed.WriteString(out)
			if code != 0 {
				return printed.String(), code
			}
		}
		return printed.String(), 0
	}
	for push, changes := range pullRequestChanges {
		if push == 2 {
			continue // Spacelift's own plan fails, and no hook runs
		}
		r.push(changes)
		if out, code := run("before_init"); code != 0 {
			t.Fatalf("before_init: %s", out)
		}
		out, code := run("after_plan")
		if want := map[int]int{0: 0, 1: 0, 3: 3}[push]; code != want {
			t.Fatalf("push %d ended with %d, not %d\n%s", push, code, want, out)
		}
		want := map[int]string{0: "- **`bob@example.com` becomes an owner**", 1: "- `carol@example.com` is invited", 3: "- `alice@example.com` is removed from the organization"}[push]
		if !strings.Contains(out, want) {
			t.Errorf("push %d: no %q in:\n%s", push, want, out)
		}
		if code != 0 {
			continue
		}
		input, err := os.ReadFile(filepath.Join(r.workspace.Dir, "access.custom.spacelift.json"))
		if want := fmt.Sprintf("{\"second_reviewer\":%t}\n", push == 0); err != nil || string(input) != want {
			t.Errorf("push %d: the policy gets %s, %v", push, input, err)
		}
	}
	env["PLANSUMMARY_URL"] = serveRelease(t, release{"plansummary.sh": []byte("exit 0\n")})
	if out, code := run("before_init"); code == 0 {
		t.Errorf("another script was taken: %s", out)
	}
}

// pathOf is the last PATH, which is the one that counts.
func pathOf(env []string) (path string) {
	for _, variable := range env {
		if text, found := strings.CutPrefix(variable, "PATH="); found {
			path = text
		}
	}
	return path
}
