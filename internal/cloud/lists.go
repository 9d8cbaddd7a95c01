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

// mostPages is the largest number of pages that are read of one list, so that a service
// whose pages never end cannot hang a run.
const mostPages = 1000

// listAll reads all pages of the list with a name. According to the documentation, most
// lists have one page. If a reply has a next_page, listAll follows it with a parameter
// of the same name. If that does not work it returns an error, so a list is never
// silently short.
//
// If the list is null or missing, and the reply has nothing else, found is false. If
// the reply has something else, listAll returns an error. With an error it returns what
// it read before.
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
			err = r.unpromised("its next_page never reaches the end of the list")
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

// listPage is one page of a list.
type listPage[T any] struct {
	items []T
	found bool   // the list is not null or missing
	other bool   // the reply has other fields
	next  string // the cursor of the next page; empty on the last page
}

// readPage reads the list with a name in a JSON object while the reply arrives.
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
				read = &page.next // an error if it is not a text, because the list would be too short
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
