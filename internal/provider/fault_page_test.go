// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// faultTally counts cases by what is done to which resource, and by the column
// of the fault.
type faultTally map[string]map[string]faultCount

type faultCount struct{ cases, atOnce, converged int }

func (t faultTally) add(c matrixCase, r outcomeOfCase) {
	row := c.row()
	if t[row] == nil {
		t[row] = map[string]faultCount{}
	}
	count := t[row][c.column]
	count.cases++
	if len(r.problems) == 0 {
		count.converged++
		if !r.failed {
			count.atOnce++
		}
	}
	t[row][c.column] = count
}

func (t faultTally) total() (sum faultCount) {
	for _, row := range t {
		for _, count := range row {
			sum.cases += count.cases
			sum.atOnce += count.atOnce
			sum.converged += count.converged
		}
	}
	return sum
}

func (c faultCount) String() string {
	return fmt.Sprintf("%d of %d cases converge: %d at once, %d with the second apply", c.converged, c.cases, c.atOnce, c.converged-c.atOnce)
}

// table is for the page.
func (t faultTally) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s.**\n\n", t.total())
	fmt.Fprintf(&b, "| Resource | Operation | %s |\n", strings.Join(columns, " | "))
	b.WriteString("| --- | --- |" + strings.Repeat(" ---: |", len(columns)) + "\n")
	for _, row := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "| %s |", row)
		for _, column := range columns {
			count := t[row][column]
			fmt.Fprintf(&b, " %d + %d |", count.atOnce, count.converged-count.atOnce)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// The page has all that is tried, and all of it converged.
func TestFaultsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/guides/faults.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	total := regexp.MustCompile(`(\d+) of (\d+) cases converge`).FindStringSubmatch(string(page))
	if total == nil || total[1] != total[2] {
		t.Errorf("the page says %q", total)
	}
	rows := map[string]bool{}
	for _, o := range allOperations(t) {
		rows[o.row()] = true
	}
	for row := range rows {
		if !strings.Contains(string(page), "\n| "+row+" |") {
			t.Errorf("the page has no row %s: run make faults", row)
		}
	}
	_, rest, _ := strings.Cut(string(page), faultsBegin)
	table, _, _ := strings.Cut(rest, faultsEnd)
	if n := strings.Count(table, "\n| `"); n != len(rows) {
		t.Errorf("the page has %d rows, and there are %d: run make faults", n, len(rows))
	}
}

// row is how the row in the table begins.
func (o *operation) row() string { return fmt.Sprintf("`%s` | %s", o.resource, o.kind) }

const faultsBegin, faultsEnd = "<!-- faults:begin -->\n", "<!-- faults:end -->"

// write puts the table into the page, between the marks.
func (t faultTally) write(file string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, begins := strings.Cut(string(page), faultsBegin)
	_, tail, ends := strings.Cut(rest, faultsEnd)
	if !begins || !ends {
		return errors.New(file + " has no marks for the table")
	}
	return os.WriteFile(file, []byte(head+faultsBegin+t.table()+faultsEnd+tail), 0o600)
}
