// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// checkSummary looks at the archives of plansummary, one for each platform of the
// provider, and at their checksums. It runs the program of this platform.
func (r release) checkSummary(ctx context.Context, dir, script string) error {
	files := map[string]string{filepath.Base(script): script}
	for _, a := range r.archives {
		files[a.summaryName(r.version)] = filepath.Join(dir, a.summaryName(r.version))
	}
	for _, suffix := range []string{".tar.gz", ".zip"} { // those that are uploaded
		uploaded, err := filepath.Glob(filepath.Join(dir, "plansummary_*"+suffix))
		if err != nil {
			return err
		}
		for _, file := range uploaded {
			if _, expected := files[filepath.Base(file)]; !expected {
				return fmt.Errorf("%s is for no platform of the provider, or of another version", file)
			}
		}
	}
	for _, a := range r.archives {
		if err := a.checkSummary(ctx, dir, r.version); err != nil {
			return fmt.Errorf("plansummary for %s_%s: %w", a.os, a.arch, err)
		}
	}
	return checkSums(filepath.Join(dir, "plansummary_"+r.version+"_SHA256SUMS"), files)
}

// summaryName is the name of the archive of plansummary for the platform of the
// provider's archive.
func (a archive) summaryName(version string) string {
	name := "plansummary_" + version + "_" + a.os + "_" + a.arch
	if a.os == "windows" {
		return name + ".zip"
	}
	return name + ".tar.gz"
}

// checkSummary looks at that archive.
func (a archive) checkSummary(ctx context.Context, dir, version string) error {
	unpack, name := untar, "plansummary"
	if a.os == "windows" {
		unpack, name = unzip, "plansummary.exe"
	}
	file := filepath.Join(dir, a.summaryName(version))
	content, modes, err := unpack(file)
	if err != nil {
		return err
	}
	if len(content) != 2 || content[name] == nil || content["LICENSE"] == nil {
		return fmt.Errorf("%s does not have exactly LICENSE and %s", file, name)
	}
	if mode := modes[name]; mode&0o111 != 0o111 {
		return fmt.Errorf("the mode of %s is %s", name, mode)
	}
	if err := checkBuild(name, content[name], a.os, a.arch); err != nil {
		return err
	}
	if a.os != runtime.GOOS || a.arch != runtime.GOARCH {
		return nil
	}
	return runSummary(ctx, content[name], version)
}

// runSummary runs the program, and compares the version that it prints.
func runSummary(ctx context.Context, content []byte, version string) (err error) {
	dir, err := os.MkdirTemp("", "releasecheck")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := filepath.Join(dir, "plansummary")
	if err := os.WriteFile(program, content, 0o700); err != nil { //nolint:gosec // It is run.
		return err
	}
	printed, err := exec.CommandContext(ctx, program, "-version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("-version: %w: %s", err, printed)
	}
	if want := "plansummary " + version + "\n"; string(printed) != want {
		return fmt.Errorf("-version prints %q, not %q", printed, want)
	}
	return nil
}

// untar returns what is in a .tar.gz file, by name, and the modes.
func untar(file string) (map[string][]byte, map[string]fs.FileMode, error) {
	packed, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, nil, err
	}
	contents, modes := map[string][]byte{}, map[string]fs.FileMode{}
	for reader := tar.NewReader(unpacked); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return contents, modes, nil
		}
		if err != nil {
			return nil, nil, err
		}
		modes[header.Name] = header.FileInfo().Mode()
		if contents[header.Name], err = io.ReadAll(reader); err != nil {
			return nil, nil, err
		}
	}
}

// unzip is the same for a .zip file.
func unzip(file string) (map[string][]byte, map[string]fs.FileMode, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, nil, err
	}
	defer archive.Close() //nolint:errcheck // It was only read.
	contents, modes := map[string][]byte{}, map[string]fs.FileMode{}
	for _, f := range archive.File {
		reader, err := f.Open()
		if err != nil {
			return nil, nil, err
		}
		content, err := io.ReadAll(reader)
		if err := errors.Join(err, reader.Close()); err != nil {
			return nil, nil, err
		}
		contents[f.Name], modes[f.Name] = content, f.Mode()
	}
	return contents, modes, nil
}
