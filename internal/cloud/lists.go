// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// mostPages bounds how many pages of one list are read: a service that goes on for
// ever must not be followed for ever.
const mostPages = 1000

// listAll reads the list of a name, all pages of it. Most lists are published to
// come whole; one that has a next_page is followed with the same parameter, and
// where that does not work, the error says so: a list is never silently short. It is
// not found where it is null or missing in a reply that has nothing else in it
// either; a reply with something else is an error. With an error it returns what was
// read before.
func listAll[T any](ctx context.Context, c *Client, route, name string, organizationID ...string) (items []T, found bool, err error) {
	r := request{method: http.MethodGet, route: route}
	if len(organizationID) > 0 {
		r.args = [][]string{organizationID}
	}
	seen := map[string]bool{}
	for {
		var page listPage[T]
		r.stream = func(reply io.Reader) (err error) {
			page, err = readPage[T](reply, name)
			return err
		}
		err := c.do(ctx, r)
		if err == nil && !page.found && (page.other || len(seen) > 0) {
			err = r.unpromised("it has no list of " + name)
		}
		if err == nil && (seen[page.next] || len(seen) == mostPages) {
			err = r.unpromised("its next_page leads to no end of the list")
		}
		if err != nil && len(seen) > 0 {
			err = fmt.Errorf("the list of %s has more than one page, and the next one could not be read: %w", name, err)
		}
		if err != nil {
			return items, false, err
		}
		items = append(items, page.items...)
		if page.next == "" {
			return items, page.found, nil
		}
		seen[page.next] = true
		r.query = url.Values{"next_page": {page.next}}
	}
}

// listPage is a list of the service, or a part of it.
type listPage[T any] struct {
	items []T
	found bool   // it is not null or missing
	other bool   // there is something else in the reply
	next  string // the cursor of the next page; empty on the last one
}

// readPage reads the list of that name in a JSON object while it comes in.
func readPage[T any](reply io.Reader, name string) (page listPage[T], err error) {
	decoder := json.NewDecoder(reply)
	if err := expect(decoder, '{'); err != nil {
		return listPage[T]{}, err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return listPage[T]{}, err
		}
		if key != name {
			var other json.RawMessage
			read := any(&other)
			if key == "next_page" {
				read = &page.next // another cursor than a text would leave the list short
			}
			if err := decoder.Decode(read); err != nil {
				return listPage[T]{}, err
			}
			page.other = page.other || read == any(&other) && string(other) != "null"
			continue
		}
		opening, err := decoder.Token()
		if err != nil {
			return listPage[T]{}, err
		}
		if opening == nil {
			continue
		}
		if opening != json.Delim('[') {
			return listPage[T]{}, fmt.Errorf("%s is not a list", name)
		}
		for page.found = true; decoder.More(); {
			var item T
			if err := decoder.Decode(&item); err != nil {
				return listPage[T]{}, err
			}
			if checked, ok := any(item).(interface{ check() error }); ok {
				if err := checked.check(); err != nil {
					return listPage[T]{}, err
				}
			}
			page.items = append(page.items, item)
		}
		if err := expect(decoder, ']'); err != nil {
			return listPage[T]{}, err
		}
	}
	if err := expect(decoder, '}'); err != nil {
		return listPage[T]{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return listPage[T]{}, errors.New("there is more text after its end")
	}
	return page, nil
}

func expect(decoder *json.Decoder, want json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != want {
		err = fmt.Errorf("it has %v in the place of %v", token, want)
	}
	return err
}
