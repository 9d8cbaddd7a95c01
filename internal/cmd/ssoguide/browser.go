// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/chromedp/chromedp"
)

// page is what a browser shows at the end of a sign-in.
type page struct {
	Title, Text string
}

// signInByBrowser opens the SSO login URL in a new browser, and types name and password
// into the form of the IdP. It returns the page that follows.
func signInByBrowser(ctx context.Context, loginURL, name, password string) (shown page, err error) {
	path, err := findBrowser()
	if err != nil {
		return page{}, err
	}
	// The IdP has a self-signed certificate.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("ignore-certificate-errors", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...) // the browser has to be closed also after ctx has ended
	defer stop()
	browser, leave := chromedp.NewContext(allocator)
	defer leave()
	defer func() { err = errors.Join(err, chromedp.Cancel(browser)) }()
	if _, err := chromedp.Run(browser, chromedp.Navigate("about:blank")); err != nil { // starts the browser, without the time limit
		return page{}, err
	}

	limited, cancel := context.WithTimeout(browser, time.Minute)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	// An action fails if the browser leaves the page during it. So the result of such
	// an action is ignored, and the next page shows whether it worked. That includes
	// Navigate, because the form of the SSO login URL submits itself.
	leaveBy := func(script string) {
		_, _ = chromedp.Run(limited, chromedp.Evaluate[chromedp.Void](script))
	}
	leaveBy(fmt.Sprintf(`void (location = %q)`, loginURL))
	if _, err := until[string](limited, `document.readyState == "complete" && document.querySelector("#username, #password")?.id`); err != nil {
		return page{}, errors.Join(err, where(browser))
	}
	for _, step := range []chromedp.Action[chromedp.Void]{
		chromedp.SendKeys("#username", name),
		chromedp.SendKeys("#password", password),
	} {
		if _, err := chromedp.Run(limited, step); err != nil {
			return page{}, errors.Join(err, where(browser))
		}
	}
	leaveBy(`document.querySelector("#password").form.requestSubmit()`)
	shown, err = until[page](limited, `document.readyState == "complete" && ["Signed in", "Access denied"].includes(document.title) && {Title: document.title, Text: document.body.innerText}`)
	if err != nil {
		return page{}, errors.Join(err, where(browser))
	}
	return shown, nil
}

// until evaluates an expression until it has a value, and returns the value. It ignores
// errors, because the browser returns one while it loads the next page.
func until[T any](ctx context.Context, expression string) (T, error) {
	for {
		value, err := chromedp.Run(ctx, chromedp.Evaluate[*T](`(`+expression+`) || null`))
		if err == nil && value != nil {
			return *value, nil
		}
		select {
		case <-ctx.Done():
			var none T
			return none, errors.Join(context.Cause(ctx), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// where returns an error that says what the browser shows.
func where(browser context.Context) error {
	shown, err := chromedp.Run(browser, chromedp.Evaluate[string](`document.location + "\n" + document.body?.innerText`))
	if err != nil {
		return err
	}
	return fmt.Errorf("the browser is at %s", shown)
}

func findBrowser() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium, chromium-browser or google-chrome is on the PATH")
}
