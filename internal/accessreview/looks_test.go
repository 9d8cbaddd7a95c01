// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

var screenshot = flag.String("screenshot", "", "write the screenshot of the documentation into this file")

// contrasts gives the text whose contrast is below what WCAG 2 asks for at level
// AA, and how many texts there are.
const contrasts = `(() => {
	const channels = (color) => color.match(/[\d.]+/g).map(Number);
	const luminance = (color) => channels(color).slice(0, 3)
		.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
		.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor;
			if (channels(color)[3] !== 0) return color;
		}
		return "rgb(255, 255, 255)";
	};
	const texts = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility({contentVisibilityAuto: true}) &&
		!["SCRIPT", "OPTION"].includes(e.tagName) && [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() !== ""));
	const weak = texts.filter((e) => {
		const [lighter, darker] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((a, b) => b - a);
		return (lighter + 0.05) / (darker + 0.05) < 4.5;
	});
	return [String(texts.length), ...weak.map((e) => e.className + ": " + e.textContent)];
})()`

// The page can be read in light and in dark, and printed.
func TestLooks(t *testing.T) {
	t.Parallel()
	file := pageOf(t, smallOrganization(t))
	page := open(t, file)
	background := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		page.media("screen", scheme)
		background[scheme] = get(page, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
		texts := get(page, chromedp.Evaluate[[]string](contrasts))
		if n, err := strconv.Atoi(texts[0]); err != nil || n < 100 || len(texts) > 1 {
			t.Errorf("of the texts in %s, too weak are: %q", scheme, texts)
		}
	}
	if background["light"] == background["dark"] {
		t.Errorf("dark is as light: %v", background)
	}

	page.media("screen", "light")
	image := get(page, chromedp.CaptureScreenshot())
	if len(image) > 300<<10 {
		t.Errorf("the screenshot has %d bytes", len(image))
	}
	if *screenshot != "" {
		if err := os.WriteFile(*screenshot, image, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	page.media("print", "dark")
	if got := get(page, chromedp.Evaluate[[]string](`["#filters", "#people thead", "#people tr", "#people-count"].map((e) => getComputedStyle(document.querySelector(e)).display)`)); !slices.Equal(got, []string{"none", "table-header-group", "table-row", "block"}) {
		t.Errorf("on paper filters, header, rows and count are %v", got)
	}
	if got := get(page, chromedp.Evaluate[string](`getComputedStyle(document.querySelector("h1")).color`)); got != "rgb(27, 36, 48)" {
		t.Errorf("on paper the title is %s", got)
	}
	if pdf := get(page, chromedp.PrintToPDF()); !bytes.Contains(pdf, []byte("/MediaBox [0 0 792 612]")) {
		t.Error("what is printed is not in landscape")
	}
	page.wantQuiet(file)
}

// Names of people and groups are shown as text, whatever they contain.
func TestHostileText(t *testing.T) {
	t.Parallel()
	const (
		script  = "</script><script>document.title = 'taken'</script><!--"
		handler = `<img src=x onerror="document.title='taken'">`
		odd     = "\u2028 line\nnext ' \" ` | ${data} %{if true} \\ </title></style>"
	)
	srv := cloudtest.New(t, cloudtest.Plain())
	srv.AddMember("alice@example.com", "organization-admin")
	srv.AddMember("a|b`=1+1@example.com", "deployment-viewer:*")
	srv.AddRoleMapping(script, true, cloudtest.AnyOf(cloudtest.Group(handler)), "organization-admin")
	srv.AddRoleMapping(handler, true, cloudtest.AnyOf(cloudtest.Group(script)), "deployment-viewer:*+<b>x")
	srv.AddRoleMapping(odd, true, cloudtest.AnyOf(cloudtest.Group(odd)), "deployment-viewer:*")

	// A name that the service gives.
	target, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	name, err := json.Marshal(script + handler + odd)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		body = bytes.ReplaceAll(body, []byte(`"Alice"`), name)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Del("Content-Length")
		return nil
	}
	service := httptest.NewServer(proxy)
	t.Cleanup(service.Close)

	file := pageAt(t, service.URL, srv.Key)
	page := open(t, file)
	names := page.shown("mappings")
	for _, want := range []string{script, handler, odd} {
		if !slices.Contains(names, want) {
			t.Errorf("no mapping is called %q: %q", want, names)
		}
	}
	if got := strings.Join(page.shown("people"), " "); got != "alice@example.com a|b`=1+1@example.com" {
		t.Errorf("the people are %s", got)
	}
	if got := get(page, chromedp.Evaluate[string](`document.querySelector("#people tbody .name").textContent`)); got != script+handler+odd {
		t.Errorf("alice's name is %q", got)
	}
	if got := get(page, chromedp.Evaluate[string](`document.title + " " + document.querySelectorAll("script").length + " " + document.querySelectorAll("img, b:not(.about b)").length`)); got != "Access review: Example organization 2 0" {
		t.Errorf("title, scripts and strange elements: %s", got)
	}
	page.wantQuiet(file)
}
