// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

const (
	manifest = "../../../terraform-registry-manifest.json"
	script   = "../../../.github/actions/plan-summary/plansummary.sh"
)

// program builds the provider as a release does, with the flag for the version or
// without it, and returns its content.
func program(t *testing.T, versionFlag string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program")
	if err := cli.GoBuild(t.Context(), "-o", file, "-ldflags", "-s -w "+versionFlag, cli.Module); err != nil {
		t.Fatal(err)
	}
	return readFile(t, file)
}

// summaryProgram builds plansummary in the same way.
func summaryProgram(t *testing.T, versionFlag string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plansummary")
	if err := cli.GoBuild(t.Context(), "-o", file, "-ldflags", "-s -w "+versionFlag, cli.Module+"/internal/cmd/plansummary"); err != nil {
		t.Fatal(err)
	}
	return readFile(t, file)
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// otherProgram is built with paths of this machine in it, which a release has not.
func otherProgram(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() {}\n"))
	file := filepath.Join(dir, "program")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", file, "main.go")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=") // which may have -trimpath
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return readFile(t, file)
}

// made is what would be released: name by content.
type made struct {
	version, zip, binary string
	mode                 os.FileMode
	program              []byte
	manifest             string
	sums                 func(string) string
	summary              madeSummary
}

// madeSummary is what would be released of plansummary.
type madeSummary struct {
	archive string
	files   map[string][]byte
	mode    int64
	sums    func(string) string
}

// right is a release of this platform alone, as it has to be.
func right(content, summary []byte) made {
	return made{
		version: "1.2.3",
		zip:     fmt.Sprintf("terraform-provider-elasticcloud_1.2.3_%s_%s.zip", runtime.GOOS, runtime.GOARCH),
		binary:  "terraform-provider-elasticcloud_v1.2.3",
		mode:    0o755,
		program: content,
		sums:    func(lines string) string { return lines },
		summary: madeSummary{
			archive: fmt.Sprintf("plansummary_1.2.3_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH),
			files:   map[string][]byte{"plansummary": summary, "LICENSE": []byte("MPL")},
			mode:    0o755,
			sums:    func(lines string) string { return lines },
		},
	}
}

// write puts it into folders.
func (m made) write(t *testing.T) folders {
	t.Helper()
	dist, manifestFile := t.TempDir(), manifest
	if m.manifest != "" {
		manifestFile = filepath.Join(t.TempDir(), "manifest.json")
		write(t, manifestFile, []byte(m.manifest))
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: m.binary, Method: zip.Store}
	header.SetMode(m.mode)
	f, err := w.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(m.program); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dist, m.zip), archive.Bytes())
	content, err := os.ReadFile(manifestFile)
	if err != nil {
		t.Fatal(err)
	}
	prefix := "terraform-provider-elasticcloud_" + m.version
	lines := fmt.Sprintf("%x  %s\n%x  %s_manifest.json\n", sha256.Sum256(archive.Bytes()), m.zip, sha256.Sum256(content), prefix)
	write(t, filepath.Join(dist, prefix+"_SHA256SUMS"), []byte(m.sums(lines)))
	return folders{dist, manifestFile, m.summary.write(t, m.version), script}
}

// write puts plansummary into a folder.
func (m madeSummary) write(t *testing.T, version string) string {
	t.Helper()
	dir := t.TempDir()
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	w := tar.NewWriter(packed)
	for name, content := range m.files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: m.mode, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, m.archive), archive.Bytes())
	lines := fmt.Sprintf("%x  %s\n%x  plansummary.sh\n", sha256.Sum256(archive.Bytes()), m.archive, sha256.Sum256(readFile(t, script)))
	write(t, filepath.Join(dir, "plansummary_"+version+"_SHA256SUMS"), []byte(m.sums(lines)))
	return dir
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A release as it has to be is installed, and the service is told its version.
func TestRelease(t *testing.T) {
	t.Parallel()
	in := right(program(t, "-X main.version=1.2.3"), summaryProgram(t, "-X main.version=1.2.3")).write(t)
	var out bytes.Buffer
	if err := run(t.Context(), &out, in, 1); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Version 1.2.3: names, checksums", "Platforms: 1.", "destroyed as terraform-provider-elasticcloud/1.2.3 Terraform/1."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// Whatever is wrong with a release is found.
func TestWrongRelease(t *testing.T) {
	t.Parallel()
	content, summary := program(t, "-X main.version=1.2.3"), summaryProgram(t, "-X main.version=1.2.3")
	for name, test := range map[string]struct {
		change    func(*made)
		platforms int
		want      string
	}{
		"another version":  {func(m *made) { m.program = program(t, "") }, 1, `calls itself "terraform-provider-elasticcloud/dev Terraform/`},
		"another build":    {func(m *made) { m.program = otherProgram(t) }, 1, "was built with -trimpath="},
		"name of archive":  {func(m *made) { m.zip = "elasticcloud_linux_amd64.zip" }, 1, "is not called terraform-provider-elasticcloud_1.2.3_OS_ARCH.zip"},
		"another platform": {func(m *made) { m.zip = "terraform-provider-elasticcloud_1.2.3_plan9_arm.zip" }, 1, "built with GO"},
		"name of program":  {func(m *made) { m.binary = "terraform-provider-elasticcloud" }, 1, "there is no terraform-provider-elasticcloud_v1.2.3"},
		"no suffix":        {func(m *made) { m.zip = "terraform-provider-elasticcloud_1.2.3_windows_amd64.zip" }, 1, "there is no terraform-provider-elasticcloud_v1.2.3.exe"},
		"mode":             {func(m *made) { m.mode = 0o644 }, 1, "the mode of terraform-provider-elasticcloud_v1.2.3 is -rw-r--r--"},
		"no program":       {func(m *made) { m.program = []byte("#!/bin/sh\n") }, 1, "unrecognized file format"},
		"too few":          {func(*made) {}, 2, "platforms with archives: 1, not 2"},
		"protocol":         {func(m *made) { m.manifest = `{"version":1,"metadata":{"protocol_versions":["5.0"]}}` }, 1, `protocols ["5.0"]`},
		"manifest":         {func(m *made) { m.manifest = "{" }, 1, "unexpected end of JSON input"},
		"no sums":          {func(m *made) { m.sums = func(string) string { return "" } }, 1, "has no line for"},
		"foreign sum":      {func(m *made) { m.sums = func(lines string) string { return lines + "00  other.zip\n" } }, 1, `has a line for "other.zip", which is not released`},
		"twice":            {func(m *made) { m.sums = func(lines string) string { return lines + lines } }, 1, "which is not released"},
		"wrong sum": {func(m *made) {
			m.sums = func(lines string) string { return strings.Repeat("0", 64) + lines[64:] }
		}, 1, "which has "},
		"summary beside the provider": {func(m *made) {
			m.sums = func(lines string) string { return lines + "00  " + m.summary.archive + "\n" }
		}, 1, "has a line for \"plansummary_1.2.3_"},
		"no summary":                  {func(m *made) { m.summary.archive = "plansummary.tar.gz" }, 1, "no such file"},
		"summary of another platform": {func(m *made) { m.summary.archive = "plansummary_1.2.3_plan9_arm.tar.gz" }, 1, "is for no platform of the provider"},
		"summary of another version":  {func(m *made) { m.summary.files["plansummary"] = summaryProgram(t, "-X main.version=1.2.4") }, 1, `-version prints "plansummary 1.2.4\n", not "plansummary 1.2.3\n"`},
		"another build of summary":    {func(m *made) { m.summary.files["plansummary"] = otherProgram(t) }, 1, "was built with -trimpath="},
		"mode of summary":             {func(m *made) { m.summary.mode = 0o644 }, 1, "the mode of plansummary is -rw-r--r--"},
		"no license":                  {func(m *made) { delete(m.summary.files, "LICENSE") }, 1, "does not have exactly LICENSE and plansummary"},
		"no sums of summary":          {func(m *made) { m.summary.sums = func(string) string { return "" } }, 1, "has no line for"},
		"script not in sums": {func(m *made) {
			m.summary.sums = func(lines string) string { first, _, _ := strings.Cut(lines, "\n"); return first + "\n" }
		}, 1, "has no line for plansummary.sh"},
		"wrong sum of summary": {func(m *made) {
			m.summary.sums = func(lines string) string { return strings.Repeat("0", 64) + lines[64:] }
		}, 1, "which has "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := right(content, summary)
			m.summary.files = maps.Clone(m.summary.files)
			test.change(&m)
			err := run(t.Context(), &bytes.Buffer{}, m.write(t), test.platforms)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got: %v, want: %s", err, test.want)
			}
		})
	}
}

// A folder without a release, and one with two, are refused.
func TestNotOneRelease(t *testing.T) {
	t.Parallel()
	dist := t.TempDir()
	in := folders{dist, manifest, t.TempDir(), script}
	if err := run(t.Context(), &bytes.Buffer{}, in, 0); err == nil || !strings.Contains(err.Error(), "and has 0") {
		t.Errorf("an empty folder: %v", err)
	}
	for _, version := range []string{"1.0.0", "1.0.1"} {
		write(t, filepath.Join(dist, "terraform-provider-elasticcloud_"+version+"_SHA256SUMS"), nil)
	}
	if err := run(t.Context(), &bytes.Buffer{}, in, 0); err == nil || !strings.Contains(err.Error(), "and has 2") {
		t.Errorf("two releases: %v", err)
	}
}
