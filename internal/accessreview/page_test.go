// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// shown are the addresses, or names, in the rows of a table that are in sight.
func (p *tab) shown(table string) []string {
	p.t.Helper()
	return get(p, chromedp.Evaluate[[]string](fmt.Sprintf(
		`[...document.querySelectorAll("#%s tbody tr")].filter(row => row.getClientRects().length > 0).map(row => row.querySelector(".id").textContent)`, table)))
}

// set enters a value into a field as a user of the page does.
func (p *tab) set(field, value string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
		const field = document.getElementById(%q);
		field.value = %q;
		if (field.value !== %q) throw new Error("there is no such choice");
		for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, {bubbles: true}));
	}`, field, value, value)))
}

func (p *tab) text(selector string) string {
	p.t.Helper()
	return get(p, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).innerText`, selector)))
}

// row returns the texts in the cells of a person's row.
func (p *tab) row(table, id string) string {
	p.t.Helper()
	cells := get(p, chromedp.Evaluate[[]string](fmt.Sprintf(
		`[...[...document.querySelectorAll("#%s tbody tr")].find(row => row.querySelector(".id").textContent === %q).cells].map(cell => [...cell.children].map(part => part.textContent).join(" ") || cell.textContent)`, table, id)))
	return strings.Join(cells, " | ")
}

// totals are the numbers above the tables.
func (p *tab) totals() map[string]string {
	p.t.Helper()
	return get(p, chromedp.Evaluate[map[string]string](`Object.fromEntries([...document.querySelectorAll("#totals div")].map(tile => [tile.firstChild.textContent, tile.lastChild.textContent]))`))
}

// The page opens with thousands of people, says nothing on the console, asks
// nobody for anything, and filters with little work.
func TestThousands(t *testing.T) {
	t.Parallel()
	const people = 2000
	file := pageOf(t, largeOrganization(t, people))
	page := open(t, file)
	if got := get(page, chromedp.Evaluate[int](`document.querySelectorAll("#people tbody tr").length`)); got != people {
		t.Errorf("there are %d rows", got)
	}

	holders := func(has func(grant string) bool) int {
		n := 0
		for i := range people - 1 {
			if slices.ContainsFunc(held[i%len(held)], has) {
				n++
			}
		}
		return n
	}
	viewers := holders(func(g string) bool { return strings.HasPrefix(g, "deployment-viewer:") })
	onDeployment1 := holders(func(g string) bool {
		return strings.HasPrefix(g, "deployment-") && (strings.HasSuffix(g, ":*") || strings.HasSuffix(g, deployment1))
	})
	if got := page.text(`#resource option[value="3"]`); got != "deployment "+deployment1 {
		t.Fatalf("the fourth column is %q", got)
	}
	for _, filter := range []struct {
		field, value string
		want         int
	}{
		{"person", "PERSON001", 10},
		{"person", "person0012@example.com", 1},
		{"person", "nobody", 0},
		{"role", "role deployment-viewer", viewers},
		{"role", "none", people - 1 - holders(func(string) bool { return true })},
		{"role", "role organization-admin", 1},
		{"resource", "3", onDeployment1 + 1}, // and the owner
		{"status", "active", people},
	} {
		page.set(filter.field, filter.value)
		if got := len(page.shown("people")); got != filter.want {
			t.Errorf("%s %q shows %d people, want %d", filter.field, filter.value, got, filter.want)
		}
		if got := page.text("#people-count"); filter.want < people && got != fmt.Sprintf("%d of %d people shown", filter.want, people) {
			t.Errorf("%s %q says %q", filter.field, filter.value, got)
		}
		page.do(chromedp.Click("#clear"))
		if got := len(page.shown("people")); got != people {
			t.Fatalf("after Clear %d people are shown", got)
		}
	}

	page.wantLittleWork()
	page.wantQuiet(file)
}

// wantLittleWork filters again and again. Each time the page may touch the rows
// that come and go and little besides, and lay itself out once or twice. This is
// counted, since the time that it takes depends on what else the machine does.
func (p *tab) wantLittleWork() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, performance.Enable, performance.EnableParams{}); err != nil {
		p.t.Fatal(err)
	}
	for field, values := range map[string][]string{
		"person": {"p", "pe", "person", "person00", "person1999", "nobody", "9", "8", "77", ""},
		"role":   {"role deployment-viewer", "none", "role deployment-editor", "role billing-admin", ""},
	} {
		var script strings.Builder
		for _, value := range values {
			fmt.Fprintf(&script, `filter(%q);`, value)
		}
		before := p.layouts()
		touched := get(p, chromedp.Evaluate[[]int](fmt.Sprintf(`(() => {
			const field = document.getElementById(%q);
			const rows = [...document.querySelectorAll("tbody tr")];
			const observer = new MutationObserver(() => {});
			observer.observe(document.documentElement, {subtree: true, childList: true, attributes: true, characterData: true});
			const touched = [];
			const filter = (value) => {
				const hidden = rows.map((row) => row.hidden);
				field.value = value;
				field.dispatchEvent(new Event("input", {bubbles: true}));
				document.body.getBoundingClientRect();
				touched.push(observer.takeRecords().length - rows.filter((row, i) => row.hidden !== hidden[i]).length);
			};
			%s
			return touched;
		})()`, field, script.String())))
		laidOut := p.layouts() - before
		if most := slices.Max(touched); most > 10 {
			p.t.Errorf("filtering by %s touches %d elements besides the rows that come and go", field, most)
		}
		if laidOut > 2*len(values)+10 { // and what the browser does in the background
			p.t.Errorf("filtering %d times by %s makes %d layouts", len(values), field, laidOut)
		}
	}
}

// layouts is how often the page was laid out so far.
func (p *tab) layouts() int {
	p.t.Helper()
	metrics, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, metric := range metrics.Metrics {
		if metric.Name == "LayoutCount" {
			return int(metric.Value)
		}
	}
	p.t.Fatal("the browser does not count layouts")
	return 0
}

// The page says of everybody what they hold, and why.
func TestPage(t *testing.T) {
	t.Parallel()
	file := pageOf(t, smallOrganization(t))
	page := open(t, file)
	totals := page.totals()
	want := map[string]string{"members": "35", "owners": "3", "pending invitations": "4", "expired invitations": "1", "members without a grant": "3", "role mappings": "4"}
	if !maps.Equal(totals, want) {
		t.Errorf("the totals are %v", totals)
	}
	if got := page.text("header"); !strings.Contains(got, "Example organization") || !strings.Contains(got, "2026-11-23 05:00 UTC") || !strings.Contains(got, "Single sign-on enforced") {
		t.Errorf("the header says %q", got)
	}
	for id, want := range map[string]string{
		"alice@example.com": "| owner | owner | owner | owner | owner | owner | owner | owner",
		"amir@example.com":  "| | viewer | viewer | viewer | viewer+analyst +reader | | |",
		"bela@example.com":  "| | | viewer | admin | | | |",
		"dana@example.com":  "| | viewer | editor | viewer | | | viewer | viewer",
		"emeka@example.com": "| no grant | | | | | | |",
		"xenia@example.com": "| | | viewer | admin | | | |",
	} {
		got := strings.Join(strings.Fields(page.row("people", id)), " ")
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", id, got)
		}
	}
	if got := page.row("people", "xenia@example.com"); !strings.HasPrefix(got, "xenia@example.com | expired on ") {
		t.Errorf("the expired invitation is %s", got)
	}
	if got := page.row("mappings", "owners"); got != `owners | enabled | any of: email "ceo@example.com", group "elastic-owners" | organization-admin` {
		t.Errorf("the mapping is %s", got)
	}

	// By keyboard alone: the chip, and the order.
	page.do(chromedp.Focus("#owners"), chromedp.KeyEvent(" "))
	if got := strings.Join(page.shown("people"), " "); got != "alice@example.com jana@example.com uma@example.com" {
		t.Errorf("the owners are %s", got)
	}
	if got := strings.Join(page.shown("mappings"), " "); got != "owners" {
		t.Errorf("the owners' mappings are %s", got)
	}
	page.do(chromedp.Focus("#person"), chromedp.KeyEvent("jana"))
	if got := strings.Join(page.shown("people"), " "); got != "jana@example.com" {
		t.Errorf("of the owners, jana is %s", got)
	}
	page.do(chromedp.Focus("#clear"), chromedp.KeyEvent("\r"))
	for order, first := range map[string]string{
		"strength": "alice jana uma bela david", "grants": "dana david ivan oscar priya amir", "status": "alice amir bela", "address": "alice amir bela",
	} {
		page.set("order", order)
		if got := strings.ReplaceAll(strings.Join(page.shown("people"), " "), "@example.com", ""); !strings.HasPrefix(got, first+" ") || strings.Count(got, " ") != 39 {
			t.Errorf("by %s the people are %s", order, got)
		}
	}

	// Header and first column stay in sight.
	if got := get(page, chromedp.Evaluate[bool](`(() => {
		const box = document.querySelector(".matrix");
		box.style.width = "600px";
		box.scrollTo(300, 300);
		const edge = box.getBoundingClientRect();
		const head = document.querySelector("#people thead").getBoundingClientRect();
		const who = [...document.querySelectorAll("#people tbody .who")].find((cell) => cell.getBoundingClientRect().top > head.bottom).getBoundingClientRect();
		return box.scrollTop === 300 && box.scrollLeft === 300 && Math.abs(head.top - edge.top) < 2 && Math.abs(who.left - edge.left) < 2;
	})()`)); !got {
		t.Error("header or first column scroll away")
	}
	page.wantQuiet(file)
}
