// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed contract.openapi.yaml
var contractYAML []byte

// apiRoot is the prefix of the paths in the contract.
const apiRoot = "/api/v1"

// contract is the API contract, prepared to match and check requests.
type contract struct {
	operations []*operation
	failure    *openapi3.Schema
}

// operation is one method on one path of the contract.
type operation struct {
	route    string // such as "GET /organizations/{organization_id}"
	method   string
	segments []string
	spec     *openapi3.Operation
	failure  *openapi3.Schema
}

// loadContract parses the contract once for all servers of the process.
var loadContract = sync.OnceValue(func() *contract {
	doc, err := openapi3.NewLoader().LoadFromData(contractYAML)
	if err != nil {
		panic(fmt.Sprintf("cloudtest: the embedded contract does not load: %v", err))
	}
	c := &contract{failure: doc.Components.Schemas["Failure"].Value}
	for path, item := range doc.Paths.Map() {
		for method, spec := range item.Operations() {
			c.operations = append(c.operations, &operation{
				route:    method + " " + path,
				method:   method,
				segments: strings.Split(path, "/"),
				spec:     spec,
				failure:  c.failure,
			})
		}
	}
	for route := range handlers {
		if !slices.ContainsFunc(c.operations, func(o *operation) bool { return o.route == route }) {
			panic(fmt.Sprintf("cloudtest: the contract has no route %q", route))
		}
	}
	return c
})

// find returns the operation for a request and its unescaped path parameters. It
// returns nil if the contract has none. An empty segment does not count as a parameter,
// because it would be an ID that the client forgot.
func (c *contract) find(method, escapedPath string) (*operation, map[string]string) {
	path, ok := strings.CutPrefix(escapedPath, apiRoot)
	if !ok {
		return nil, nil
	}
	segments := strings.Split(path, "/")
	for _, o := range c.operations {
		if o.method == method {
			if params, ok := o.match(segments); ok {
				return o, params
			}
		}
	}
	return nil, nil
}

func (o *operation) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(o.segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, want := range o.segments {
		if !strings.HasPrefix(want, "{") {
			if segments[i] != want {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return nil, false
		}
		params[strings.Trim(want, "{}")] = value
	}
	return params, true
}

// checkRequest checks a request against the contract.
func (o *operation) checkRequest(r *http.Request, body []byte) error {
	for name := range r.URL.Query() {
		if name != "next_page" || !slices.Contains(pagedRoutes, o.route) {
			return fmt.Errorf("query parameter %q is not in the contract", name)
		}
	}
	if o.spec.RequestBody == nil {
		if len(body) > 0 {
			return errors.New("the contract has no request body here")
		}
		return nil
	}
	spec := o.spec.RequestBody.Value
	if len(body) == 0 {
		if spec.Required {
			return errors.New("the request body is missing")
		}
		return nil
	}
	return checkBody(spec.Content, r.Header.Get("Content-Type"), body, openapi3.VisitAsRequest())
}

// refused are the calls without a 400 in the contract, although the documentation says
// that the service refuses them. An enforced IdP cannot be removed, and a mapping must
// always give organization-admin.
var refused = []string{
	"DELETE /organizations/{organization_id}/idp",
	deleteAllRoleMappingsRoute,
	deleteRoleMappingsRoute,
}

// checkReply checks a reply against the contract. Every call may also be refused
// because of its key or its rate, or fail in the service.
func (o *operation) checkReply(status int, header http.Header, body []byte) error {
	if spec := o.spec.Responses.Status(status); spec != nil {
		return checkBody(spec.Value.Content, header.Get("Content-Type"), body, openapi3.VisitAsResponse())
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden ||
		status == http.StatusTooManyRequests || status >= http.StatusInternalServerError ||
		status == http.StatusBadRequest && slices.Contains(refused, o.route) {
		return checkJSON(o.failure, body, openapi3.VisitAsResponse())
	}
	return fmt.Errorf("status %d is not in the contract", status)
}

func checkBody(content openapi3.Content, contentType string, body []byte, as openapi3.SchemaValidationOption) error {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("content type %q: %w", contentType, err)
	}
	spec := content[mediaType]
	if spec == nil {
		return fmt.Errorf("content type %q is not in the contract", mediaType)
	}
	if mediaType == "application/xml" {
		return checkXML(body)
	}
	return checkJSON(spec.Schema.Value, body, as)
}

// checkXML checks that a body is well-formed; the contract requires no more.
func checkXML(body []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	elements := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && elements > 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the body is not XML: %w", err)
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
}

func checkJSON(schema *openapi3.Schema, body []byte, as openapi3.SchemaValidationOption) error {
	var value any
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&value); err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	err := schema.VisitJSON(value, as)
	// The full text of a schema error repeats the schema and the value.
	if wrong, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		return fmt.Errorf("body at /%s: %s", strings.Join(wrong.JSONPointer(), "/"), wrong.Reason)
	}
	return err
}
