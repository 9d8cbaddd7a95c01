// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

var (
	providerDir   string
	buildProvider = sync.OnceValue(func() error { return cli.BuildProvider(context.Background(), providerDir) })
)

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if providerDir, err = os.MkdirTemp("", "accessreview-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if code == 0 {
		err = goleak.Find()
	}
	if err = errors.Join(err, os.RemoveAll(providerDir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// tab is a page that is open in a browser, and what the browser says of it.
type tab struct {
	t   *testing.T
	ctx context.Context

	lock     sync.Mutex
	messages []string
	requests []string
}

// open shows a file in a separate browser.
func open(t *testing.T, file string) *tab {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(testneeds.Browser(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...) // t.Context ends before the browser is closed
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(allocator)
	t.Cleanup(leave)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Error(err)
		}
	})
	page := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, page.listen); err != nil {
		t.Fatal(err)
	}
	page.do(chromedp.EmulateViewport(1400, 1150), chromedp.Navigate("file://"+file))
	return page
}

func (p *tab) listen(event any) {
	p.lock.Lock()
	defer p.lock.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.messages = append(p.messages, "console."+e.Type.String())
	case *runtime.EventExceptionThrown:
		p.messages = append(p.messages, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		p.messages = append(p.messages, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	for _, step := range steps {
		get(p, step)
	}
}

// get does what has a result.
func get[T any](p *tab, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

// media lets the page believe that it is printed, or that the user prefers
// another colour scheme.
func (p *tab) media(kind, scheme string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind, Features: features}); err != nil {
		p.t.Fatal(err)
	}
}

// wantQuiet fails if the page did more than open its own file.
func (p *tab) wantQuiet(file string) {
	p.t.Helper()
	p.lock.Lock()
	defer p.lock.Unlock()
	if len(p.messages) > 0 {
		p.t.Errorf("the browser says: %s", strings.Join(p.messages, "\n"))
	}
	if !slices.Equal(p.requests, []string{"file://" + file}) {
		p.t.Errorf("requests went to %v", p.requests)
	}
}
