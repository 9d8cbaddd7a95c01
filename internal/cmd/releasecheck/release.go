// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const project = "terraform-provider-elasticcloud"

// release is what is uploaded for one version.
type release struct {
	version  string
	sums     string // the file with the checksums
	archives []archive
}

// archive is the zip file of one platform.
type archive struct {
	file, os, arch string
}

func (a archive) name() string { return filepath.Base(a.file) }

// open finds the version by the name of the checksums, as there is one such file.
func open(dist string) (release, error) {
	sums, err := filepath.Glob(filepath.Join(dist, project+"_*_SHA256SUMS"))
	if err != nil {
		return release{}, err
	}
	if len(sums) != 1 {
		return release{}, fmt.Errorf("%s must have one file %s_VERSION_SHA256SUMS, and has %d", dist, project, len(sums))
	}
	r := release{sums: sums[0]}
	r.version = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(sums[0]), project+"_"), "_SHA256SUMS")
	files, err := filepath.Glob(filepath.Join(dist, "*.zip"))
	if err != nil {
		return release{}, err
	}
	for _, file := range files {
		platform, found := strings.CutPrefix(filepath.Base(file), project+"_"+r.version+"_")
		system, arch, both := strings.Cut(strings.TrimSuffix(platform, ".zip"), "_")
		if !found || !both {
			return release{}, fmt.Errorf("%s is not called %s_%s_OS_ARCH.zip", file, project, r.version)
		}
		r.archives = append(r.archives, archive{file: file, os: system, arch: arch})
	}
	return r, nil
}

// checkManifest looks for the protocol: a registry that is not told takes it to
// be 5.0, and the CLIs then refuse the provider.
func (r release) checkManifest(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(content, &manifest); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if protocols := manifest.Metadata.ProtocolVersions; manifest.Version != 1 || !slices.Equal(protocols, []string{"6.0"}) {
		return fmt.Errorf("%s has version %d and protocols %q", file, manifest.Version, protocols)
	}
	return nil
}

// checkSums compares the provider's checksums with the files that a registry
// expects.
func (r release) checkSums(manifest string) error {
	files := map[string]string{project + "_" + r.version + "_manifest.json": manifest}
	for _, a := range r.archives {
		files[a.name()] = a.file
	}
	return checkSums(r.sums, files)
}

// checkSums compares checksums with the files that are uploaded, by their names:
// all of them, and no others.
func checkSums(sums string, files map[string]string) error {
	content, err := os.ReadFile(sums)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		file, found := files[name]
		if !found {
			return fmt.Errorf("%s has a line for %q, which is not released", sums, name)
		}
		delete(files, name)
		uploaded, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(uploaded)); got != sum {
			return fmt.Errorf("%s says %s of %s, which has %s", sums, sum, name, got)
		}
	}
	for name := range files {
		return fmt.Errorf("%s has no line for %s", sums, name)
	}
	return nil
}

// check looks at the program in the archive: its name, which the CLIs go by, and
// how it was built.
func (a archive) check(version string) error {
	files, err := zip.OpenReader(a.file)
	if err != nil {
		return err
	}
	defer files.Close() //nolint:errcheck // It was only read.
	name := project + "_v" + version
	if a.os == "windows" {
		name += ".exe"
	}
	index := slices.IndexFunc(files.File, func(f *zip.File) bool { return f.Name == name })
	if index < 0 {
		return errors.New("there is no " + name)
	}
	program := files.File[index]
	if mode := program.Mode(); mode&0o111 != 0o111 {
		return fmt.Errorf("the mode of %s is %s", name, mode)
	}
	reader, err := program.Open()
	if err != nil {
		return err
	}
	content, err := io.ReadAll(reader)
	if err := errors.Join(err, reader.Close()); err != nil {
		return err
	}
	return checkBuild(name, content, a.os, a.arch)
}

// checkBuild looks at how a program was built.
func checkBuild(name string, content []byte, system, arch string) error {
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return err
	}
	built := map[string]string{}
	for _, setting := range info.Settings {
		built[setting.Key] = setting.Value
	}
	for key, want := range map[string]string{"GOOS": system, "GOARCH": arch, "CGO_ENABLED": "0", "-trimpath": "true"} {
		if built[key] != want {
			return fmt.Errorf("%s was built with %s=%s, not %s", name, key, built[key], want)
		}
	}
	return nil
}
