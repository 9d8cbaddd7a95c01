// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// configuration asks for exactly the version, as a snapshot's is a prerelease.
const configuration = `terraform {
  required_providers {
    elasticcloud = {
      source  = %q
      version = %q
    }
  }
}

resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["deployment-viewer:*"]
}
`

// apply installs the provider from the archive of this platform and lets it work
// on an organization in memory. It returns what the provider calls itself there.
func (r release) apply(ctx context.Context) (agent string, err error) {
	index := slices.IndexFunc(r.archives, func(a archive) bool { return a.os == runtime.GOOS && a.arch == runtime.GOARCH })
	if index < 0 {
		return "", fmt.Errorf("there is no archive for %s_%s", runtime.GOOS, runtime.GOARCH)
	}
	program, err := cli.Find()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "releasecheck")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	mirror, workspace := filepath.Join(dir, "mirror"), filepath.Join(dir, "workspace")
	if err := r.archives[index].publish(mirror); err != nil {
		return "", err
	}
	if err := os.Mkdir(workspace, 0o700); err != nil {
		return "", err
	}
	srv, err := cloudtest.Open()
	if err != nil {
		return "", err
	}
	defer srv.Close()
	srv.AddMember("owner@example.com", "organization-admin")
	w, err := cli.NewWorkspace(program, workspace, mirror, "EC_ENDPOINT="+srv.URL, "EC_API_KEY="+srv.Key)
	if err != nil {
		return "", err
	}
	content := fmt.Sprintf(configuration, cli.Source, r.version)
	if err := os.WriteFile(filepath.Join(workspace, "main.tf"), []byte(content), 0o600); err != nil {
		return "", err
	}
	if err := w.Init(ctx); err != nil {
		return "", err
	}
	for _, step := range []struct {
		args []string
		left string
	}{
		{[]string{"apply", "-auto-approve"}, "alice@example.com owner@example.com"},
		{[]string{"plan", "-detailed-exitcode"}, "alice@example.com owner@example.com"},
		{[]string{"destroy", "-auto-approve"}, "owner@example.com"},
	} {
		if out, err := w.Command(ctx, append(step.args, "-no-color")...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", step.args[0], err, out)
		}
		if left := strings.Join(srv.Emails(), " "); left != step.left {
			return "", fmt.Errorf("after %s the organization has %s", step.args[0], left)
		}
	}
	for _, request := range srv.Requests() {
		agent = request.Header.Get("User-Agent")
		if !strings.HasPrefix(agent, project+"/"+r.version+" Terraform/") {
			return "", fmt.Errorf("version %s calls itself %q", r.version, agent)
		}
	}
	return agent, nil
}

// publish puts the archive where the CLIs look for one in a mirror.
func (a archive) publish(mirror string) error {
	content, err := os.ReadFile(a.file)
	if err != nil {
		return err
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		target := filepath.Join(mirror, host, filepath.FromSlash(cli.Source))
		if err := os.MkdirAll(target, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, a.name()), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
