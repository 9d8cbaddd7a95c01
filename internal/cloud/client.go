// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package cloud is the organization access API of Elastic Cloud in plain Go:
// organizations, members, invitations, role assignments, claimed domains, the
// SAML IdP and its role mappings. It has one method for each call, and one file
// for each area of the API. It knows no run, no cache and no lock, and nothing of
// Terraform.
package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// DefaultEndpoint is the public Elastic Cloud API.
const DefaultEndpoint = "https://api.elastic-cloud.com"

const (
	apiPath = "/api/v1"
	// maxReply bounds what is read of one reply. The largest organizations
	// known have some ten thousand members, at about a kilobyte each.
	maxReply = 32 << 20
)

// Config is what a Client needs to know.
type Config struct {
	// Endpoint is the base URL, with or without /api/v1; see ParseEndpoint.
	Endpoint string
	// APIKey is sent with every call, and to no other host than Endpoint.
	APIKey    string
	UserAgent string
	// MaxRetries is how often a call is repeated where that is safe.
	MaxRetries int
	// RequestTimeout bounds one HTTP call, its reply included.
	RequestTimeout time.Duration
	// RetryWait is the pause before the first repetition; it grows from
	// there. Zero means one second.
	RetryWait time.Duration
	// MaxWait bounds every pause, also one that the service asks for. Zero
	// means one minute, and more than that counts as one minute.
	MaxWait time.Duration
	// Transport carries the HTTP calls. Nil means a pooled network transport;
	// tests hand in one that calls a handler in the same process.
	Transport http.RoundTripper
	// Log, where set, is told of every HTTP call when it has ended.
	Log func(context.Context, Call)
}

// Call is one HTTP call as it may be logged: nothing in it is secret.
type Call struct {
	// Name is the method and the route of the API contract.
	Name     string
	Status   int
	Bytes    int
	Duration time.Duration
	Err      error
}

// Client speaks to Elastic Cloud with one API key. It is safe for use by many
// goroutines.
type Client struct {
	config   Config
	base     string
	http     *retryablehttp.Client
	pace     *pace.Pace
	maxReply int // tests lower it

	mu         sync.Mutex
	keyExpires time.Time
	tokens     map[string]bool // of invitations, in all forms, which no error may show
}

// New returns a client. It makes no call. The error says what is wrong with
// the endpoint, or that there is no key.
func New(config Config) (*Client, error) {
	base, err := ParseEndpoint(config.Endpoint)
	if err != nil {
		return nil, err
	}
	if config.APIKey == "" {
		return nil, errors.New("no API key")
	}
	if strings.ContainsFunc(config.APIKey, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return nil, errors.New("the API key has a space, a line break or a control character in it, and no key has")
	}
	if config.RetryWait == 0 {
		config.RetryWait = time.Second
	}
	if config.MaxWait == 0 || config.MaxWait > pace.LongestWait {
		config.MaxWait = pace.LongestWait
	}
	if config.Transport == nil {
		network := cleanhttp.DefaultPooledTransport()
		network.MaxIdleConnsPerHost = pace.MostCalls
		config.Transport = network
	}
	c := &Client{config: config, base: base + apiPath, pace: pace.New(config.RetryWait, config.MaxWait), maxReply: maxReply, tokens: map[string]bool{}}
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: &transport{client: c, next: config.Transport}, // which keeps the time, too
			// A redirect would carry the key to whoever the reply names.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     config.MaxRetries,
		RetryWaitMin: config.RetryWait,
		RetryWaitMax: config.MaxWait,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, nil
}

// KeyExpires is when the API key in use ends, as the service last said it; the
// zero time where it has not.
func (c *Client) KeyExpires() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keyExpires
}

// ParseEndpoint checks the base URL of the API and returns it without a
// trailing slash and without /api/v1. Plain http is for loopback addresses
// only, as the key would travel in the clear.
func ParseEndpoint(endpoint string) (string, error) {
	if strings.Contains(endpoint, "@") { // not repeated, as it may hold a password
		return "", fmt.Errorf("an endpoint has no user name or password in it: use one such as %s", DefaultEndpoint)
	}
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return "", fmt.Errorf("%q is no URL such as %s", endpoint, DefaultEndpoint)
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return "", fmt.Errorf("%q would send the API key in the clear: use https (plain http is for loopback addresses only)", endpoint)
	default:
		return "", fmt.Errorf("%q is neither https:// nor http://", endpoint)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q has more to it than a scheme and a host: use one such as %s", endpoint, DefaultEndpoint)
	}
	path := strings.TrimSuffix(strings.TrimRight(u.EscapedPath(), "/"), apiPath)
	return u.Scheme + "://" + u.Host + strings.TrimRight(path, "/"), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// request is one call of the API.
type request struct {
	method string
	// route is the path as the API contract writes it; each {name} in it is
	// replaced by the next of args, one value or a comma-separated list.
	route string
	args  [][]string
	query url.Values
	// once forbids a repetition where the first try may have been carried out.
	once bool
	in   any
	out  any
	// stream, where set, reads a reply of success while it comes in, in place of
	// out. Where the call is repeated it begins anew.
	stream func(io.Reader) error
	// attempt is filled in while the call is made.
	attempt *attempt
}

func (r request) name() string { return r.method + " " + r.route }

// path fills the route in. An empty value is refused: what is left of the
// route would be another one, and with DELETE that may mean everything.
func (r request) path() (string, error) {
	path := r.route
	for _, values := range r.args {
		if len(values) == 0 {
			return "", fmt.Errorf("nothing to put into %s", r.route)
		}
		escaped := make([]string, len(values))
		for i, value := range values {
			if value == "" {
				return "", fmt.Errorf("an empty value in %s", r.route)
			}
			if value == "." || value == ".." { // what is in between may take it for another route, escaped or not
				return "", fmt.Errorf("%q cannot stand in %s", value, r.route)
			}
			escaped[i] = url.PathEscape(value)
		}
		start, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:start] + strings.Join(escaped, ",") + path[end+1:]
	}
	return path, nil
}

// do makes one call, repeated where that is safe, and decodes its reply.
func (c *Client) do(ctx context.Context, r request) error {
	fail := &Error{Call: r.name()}
	r.attempt = &attempt{}
	var body any // retryablehttp takes a nil []byte for an empty body
	if r.in != nil {
		encoded, err := json.Marshal(r.in)
		if err != nil {
			fail.Err = err
			return fail
		}
		body = encoded
	}
	path, err := r.path()
	if err != nil {
		fail.Err = err
		return fail
	}
	target := c.base + path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := retryablehttp.NewRequestWithContext(context.WithValue(ctx, requestKey{}, r), r.method, target, body)
	if err != nil {
		fail.Err = c.scrub(err)
		return fail
	}
	req.Header.Set("Authorization", "ApiKey "+c.config.APIKey)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	fail.Sent = r.attempt.sent
	if err != nil {
		var bad *unpromisedError
		if errors.As(err, &bad) {
			fail.Status = bad.status
		}
		// The text of a *url.Error carries the URL, and that the secrets.
		var inURL *url.Error
		if errors.As(err, &inURL) {
			err = inURL.Err
		}
		fail.Err = c.scrub(err)
		return fail
	}
	defer func() { _ = resp.Body.Close() }()
	return c.decode(resp, r, fail)
}

func (c *Client) decode(resp *http.Response, r request, fail *Error) error {
	fail.Sent = true
	fail.Status = resp.StatusCode
	fail.RequestID = resp.Header.Get("X-Request-Id")
	if fail.RequestID == "" {
		fail.RequestID = resp.Header.Get("X-Cloud-Request-Id")
	}
	fail.RequestID = c.redact(fail.RequestID)
	reply, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		fail.Err = c.scrub(err)
		return fail
	case resp.StatusCode < 200:
		fail.Err = errors.New("this is no answer of the service")
		return fail
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		fail.Err = errors.New("the service redirects this call elsewhere; that is not followed, as it would carry the API key along: check the endpoint")
		return fail
	case resp.StatusCode >= 400:
		fail.Failures = c.failures(resp, reply)
		return fail
	case r.stream != nil || r.out == nil && len(reply) == 0:
		return nil
	case r.out == nil:
		r.out = new(json.RawMessage) // whatever it says, a page of something in between is no success
	}
	if err := json.Unmarshal(reply, r.out); err != nil {
		fail.Err = &unpromisedError{status: resp.StatusCode, err: c.scrub(err)}
		return fail
	}
	return nil
}

// failures reads the service's error reply; where there is none in the body,
// the header with the codes, and then the status, must do.
func (c *Client) failures(resp *http.Response, reply []byte) []Failure {
	var body struct {
		Errors []Failure `json:"errors"`
	}
	if err := json.Unmarshal(reply, &body); err != nil || len(body.Errors) == 0 {
		body.Errors = nil
		for code := range strings.SplitSeq(resp.Header.Get("X-Cloud-Error-Codes"), ",") {
			body.Errors = append(body.Errors, Failure{Code: strings.TrimSpace(code), Message: "The service gave no reason"})
		}
	}
	for i, f := range body.Errors {
		body.Errors[i].Code = c.redact(f.Code)
		body.Errors[i].Message = c.redact(f.Message)
		for j, field := range f.Fields {
			body.Errors[i].Fields[j] = c.redact(field)
		}
	}
	return body.Errors
}

// scrub returns err as it is where its text is harmless, or else its redacted
// text alone.
func (c *Client) scrub(err error) error {
	if text := c.redact(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// redact takes the API key, and every invitation's token that was ever seen,
// out of a text: the service may repeat them in what it answers.
func (c *Client) redact(text string) string {
	var found []string
	find := func(secret string) {
		if strings.Contains(text, secret) {
			found = append(found, secret, "(secret)")
		}
	}
	for _, form := range forms(c.config.APIKey) {
		find(form)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for secret := range c.tokens {
		find(secret)
	}
	return strings.NewReplacer(found...).Replace(text)
}

// forms are those in which a secret may be repeated.
func forms(secret string) []string {
	return []string{secret, url.PathEscape(secret), url.QueryEscape(secret)}
}

// keepSecret takes note of an invitation's token.
func (c *Client) keepSecret(token string) {
	if token == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, form := range forms(token) {
		c.tokens[form] = true
	}
}
