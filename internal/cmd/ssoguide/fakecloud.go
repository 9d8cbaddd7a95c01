// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

// fakecloud is the program fakecloud, used only in the ways that its instructions
// describe.
type fakecloud struct {
	endpoint, key string

	cmd    *exec.Cmd
	stderr bytes.Buffer
}

// startFakecloud builds the program into dir, and returns when it is ready.
func startFakecloud(ctx context.Context, dir string, args ...string) (*fakecloud, error) {
	program := filepath.Join(dir, "fakecloud")
	if err := cli.GoBuild(ctx, "-o", program, cli.Module+"/internal/cmd/fakecloud"); err != nil {
		return nil, err
	}
	// It is stopped explicitly, and not when the context ends.
	f := &fakecloud{cmd: exec.Command(program, args...)} //nolint:noctx // see above
	f.cmd.Stderr = &f.stderr
	stdout, err := f.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	for f.key == "" && lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), "  export EC_ENDPOINT="); found {
			f.endpoint = value
		}
		if value, found := strings.CutPrefix(lines.Text(), "  export EC_API_KEY="); found {
			f.key = value
		}
	}
	if f.key == "" {
		return nil, errors.Join(errors.New("fakecloud printed nothing to paste into a shell"), f.stop())
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }() // ends with the program
	return f, nil
}

// stop stops the program as Ctrl-C does. fakecloud then prints violations of the API
// contract.
func (f *fakecloud) stop() error {
	if err := f.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := f.cmd.Wait()
	if f.stderr.Len() > 0 {
		err = errors.Join(err, errors.New(strings.TrimSpace(f.stderr.String())))
	}
	return err
}

func (f *fakecloud) metadata(ctx context.Context) (string, error) {
	text, err := request(ctx, http.MethodGet, f.endpoint+"/_fake/idp-metadata.xml")
	return string(text), err
}

func (f *fakecloud) publish(ctx context.Context, name, value string) error {
	return f.play(ctx, "publish", url.Values{"name": {name}, "value": {value}})
}

func (f *fakecloud) withdraw(ctx context.Context, name, value string) error {
	return f.play(ctx, "withdraw", url.Values{"name": {name}, "value": {value}})
}

func (f *fakecloud) signIn(ctx context.Context, who user) error {
	return f.play(ctx, "sign-in", url.Values{"email": {who.email}, "group": who.groups})
}

// play acts as the service or its users.
func (f *fakecloud) play(ctx context.Context, verb string, query url.Values) error {
	_, err := request(ctx, http.MethodPost, f.endpoint+"/_fake/"+verb+"?"+query.Encode())
	return err
}

// state is the part of GET /_fake/state that the guide checks.
type state struct {
	People []struct {
		Email  string   `json:"email"`
		Grants []string `json:"grants"`
	} `json:"people"`
	Domains []struct {
		Domain      string `json:"domain"`
		Claimed     bool   `json:"claimed"`
		RecordName  string `json:"challenge_record_name"`
		RecordValue string `json:"challenge_record_value"`
	} `json:"domains"`
	IdP *struct {
		Issuer      string `json:"issuer"`
		SSOLoginURL string `json:"sso_login_url"`
	} `json:"idp"`
	RoleMappings []struct {
		Name string `json:"name"`
	} `json:"role_mappings"`
	SSOEnforced bool `json:"sso_enforced"`
}

func (f *fakecloud) state(ctx context.Context) (*state, error) {
	text, err := request(ctx, http.MethodGet, f.endpoint+"/_fake/state")
	if err != nil {
		return nil, err
	}
	var s state
	return &s, json.Unmarshal(text, &s)
}

func request(ctx context.Context, method, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s %s", method, r.URL.Path, resp.Status, text)
	}
	return text, nil
}
