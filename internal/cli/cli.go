// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package cli runs Terraform or OpenTofu with the provider of this repository: for the
// demo and for tests.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Module is the Go module with the provider's main package.
const Module = "github.com/elasticcloud-access/terraform-provider-elasticcloud"

// Source is the provider's address without the registry's host.
const Source = "elasticcloud-access/elasticcloud"

// Find returns the path of the CLI to use: TF_ACC_TERRAFORM_PATH, or else terraform or
// tofu on the PATH.
func Find() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither terraform nor tofu is on the PATH: start this through make, which builds OpenTofu if neither is installed")
}

// Version is the name and the version of a CLI.
type Version struct {
	OpenTofu     bool
	Major, Minor int

	text string
}

// String returns the name and the version, such as "Terraform v1.14.2".
func (v Version) String() string { return v.text }

// AtLeast reports whether the version is this one or a later one.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

var versionLine = regexp.MustCompile(`^(Terraform|OpenTofu) v(\d+)\.(\d+)\.\S+`)

// VersionOf runs the CLI to find out its name and version.
func VersionOf(ctx context.Context, path string) (Version, error) {
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = environment()
	out, err := cmd.Output()
	if err != nil {
		return Version{}, fmt.Errorf("%s version: %w", path, err)
	}
	return parseVersion(string(out))
}

func parseVersion(out string) (Version, error) {
	match := versionLine.FindStringSubmatch(out)
	if match == nil {
		return Version{}, fmt.Errorf("%q does not begin with a version of Terraform or OpenTofu", out)
	}
	v := Version{OpenTofu: match[1] == "OpenTofu", text: match[0]}
	var err error
	if v.Major, err = strconv.Atoi(match[2]); err != nil {
		return Version{}, err
	}
	v.Minor, err = strconv.Atoi(match[3])
	return v, err
}

// IsOpenTofu reports whether a CLI is OpenTofu.
func IsOpenTofu(ctx context.Context, path string) (bool, error) {
	version, err := VersionOf(ctx, path)
	return version.OpenTofu, err
}

// HasCommand reports whether a CLI has a command such as query.
func HasCommand(ctx context.Context, path, command string) bool {
	cmd := exec.CommandContext(ctx, path, command, "-help")
	cmd.Env = environment()
	return cmd.Run() == nil
}

// version is the version of a provider from BuildProvider.
const version = "0.0.1"

// builtVariable names an executable of the provider that is built already. make sets
// it, so that the tests of all packages share one.
const builtVariable = "ELASTICCLOUD_TEST_PROVIDER"

// BuildProvider compiles the provider into dir, or copies the one that is built
// already. dir becomes a mirror from which both CLIs install it.
func BuildProvider(ctx context.Context, dir string) error {
	built := os.Getenv(builtVariable)
	if built == "" {
		return BuildProviderWith(ctx, dir)
	}
	if err := copyExecutable(built, providerFile(dir)); err != nil {
		return fmt.Errorf("the provider that %s names: %w", builtVariable, err)
	}
	return layOut(dir)
}

// BuildProviderWith compiles the provider with more flags, laid out likewise.
func BuildProviderWith(ctx context.Context, dir string, flags ...string) error {
	if err := GoBuild(ctx, append(flags, "-o", providerFile(dir), Module)...); err != nil {
		return err
	}
	return layOut(dir)
}

func providerFile(dir string) string {
	return filepath.Join(dir, "terraform-provider-elasticcloud_v"+version)
}

// layOut links the executable to where each CLI looks for it in a mirror.
func layOut(dir string) error {
	file := providerFile(dir)
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		target := filepath.Join(dir, host, filepath.FromSlash(Source), version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(target, 0o700); err != nil {
			return err
		}
		if err := os.Link(file, filepath.Join(target, filepath.Base(file))); err != nil {
			return err
		}
	}
	return nil
}

// copyExecutable copies instead of linking, because the next build may write into the
// file.
func copyExecutable(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o700) //nolint:gosec // it is run
}

// GoBuild runs go build with the settings of a release, so that each package is
// compiled once for both.
func GoBuild(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-trimpath"}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// PlainPlugins, in the environment of a workspace, makes the CLI talk to providers
// without TLS. Each start of a provider creates two keys for TLS, which takes more than
// half of a plan's processor time. Both CLIs have the variable for tests, in which the
// start of a provider does not matter.
const PlainPlugins = "TF_DISABLE_PLUGIN_TLS=1"

// Workspace is a folder in which the CLI runs, with the provider from a folder instead
// of a registry.
type Workspace struct {
	Dir string

	cli string
	env []string
}

// NewWorkspace prepares dir for the CLI. It uses the provider that BuildProvider put
// into providerDir, and adds env to the environment.
func NewWorkspace(cli, dir, providerDir string, env ...string) (*Workspace, error) {
	config := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", providerDir)
	file := filepath.Join(dir, "cli.tfrc")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	env = append(environment(), append([]string{
		"TF_CLI_CONFIG_FILE=" + file, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
	}, env...)...)
	return &Workspace{Dir: dir, cli: cli, env: env}, nil
}

// Init installs the provider for the configuration in the workspace.
func (w *Workspace) Init(ctx context.Context) error {
	if out, err := w.Command(ctx, "init", "-no-color").CombinedOutput(); err != nil {
		return fmt.Errorf("init: %w\n%s", err, out)
	}
	return nil
}

// environment returns the environment of this process without variables that would
// change how the CLI works, or reach a real organization.
func environment() []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "EC_") {
			env = append(env, variable)
		}
	}
	return env
}

// Command returns a command that runs the CLI in the workspace. When the context ends,
// the CLI is interrupted as with Ctrl-C.
func (w *Workspace) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.cli, args...)
	cmd.Dir = w.Dir
	cmd.Env = w.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}
