// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// node is visited once by a walk.
type node struct {
	name string
	// visit does the work of the node, and reports whether that succeeded.
	visit    func() bool
	waitsFor []*node

	failed bool // or skipped
}

// pick returns any of the nodes that are due, as Terraform may, or the one that Choose
// returns.
func (t *Terraform) pick(due []*node) *node {
	if t.Choose == nil {
		return due[rand.IntN(len(due))]
	}
	slices.SortFunc(due, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	return due[t.Choose(len(due))]
}

// walk visits each node after the nodes for which it waits, and at most atATime of them
// at a time. pick chooses among the nodes that are due. walk skips a node that waits
// for a failed one. The error names nodes that were not visited because they wait for
// each other.
func walk(nodes []*node, atATime int, pick func(due []*node) *node) error {
	missing := map[*node]int{}
	waiting := map[*node][]*node{}
	var due []*node
	for _, n := range nodes {
		missing[n] = len(n.waitsFor)
		for _, other := range n.waitsFor {
			waiting[other] = append(waiting[other], n)
		}
		if missing[n] == 0 {
			due = append(due, n)
		}
	}
	left, running, done := len(nodes), 0, make(chan *node)
	for {
		for running < atATime && len(due) > 0 {
			n := pick(due)
			due = slices.DeleteFunc(due, func(other *node) bool { return other == n })
			running++
			go func() {
				n.failed = !n.visit()
				done <- n
			}()
		}
		if running == 0 {
			break
		}
		over := []*node{<-done}
		running--
		for len(over) > 0 {
			n := over[0]
			over = over[1:]
			left--
			for _, other := range waiting[n] {
				missing[other]--
				other.failed = other.failed || n.failed
				switch {
				case missing[other] > 0:
				case other.failed:
					over = append(over, other)
				default:
					due = append(due, other)
				}
			}
		}
	}
	if left == 0 {
		return nil
	}
	var cycle []string
	for n, count := range missing {
		if count > 0 {
			cycle = append(cycle, n.name)
		}
	}
	slices.Sort(cycle)
	return fmt.Errorf("Cycle: %s", strings.Join(cycle, ", ")) //nolint:staticcheck // Terraform's words
}
