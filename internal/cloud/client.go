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
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/hashicorp/go-cleanhttp"

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

// Client speaks to Elastic Cloud with one API key. Once the service has refused that
// (401), no further call is made: each fails as the one that was refused. It is safe for
// use by many goroutines.
type Client struct {
	config   Config
	base     string
	pace     *pace.Pace
	maxReply int // tests lower it

	mu         sync.Mutex
	refused    *Error // of the first call for which the service did not take the key
	keyExpires time.Time
	ahead      time.Duration   // of this machine's clock, as the service's latest reply said
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
		return nil, errors.New("the API key contains a space, a line break or a control character, and no valid key does")
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
	return c, nil
}

// KeyExpires is when the API key in use ends, as the service last said it; the
// zero time where it has not.
func (c *Client) KeyExpires() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keyExpires
}

// refusal is the error of a call that is not made, as the key was refused before; nil
// where it was not.
func (c *Client) refusal() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		return nil
	}
	refused := *c.refused
	refused.Sent = false
	return &refused
}

// noteRefusal notes that the key was refused, where a call failed for that.
func (c *Client) noteRefusal(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var refused *Error
	if c.refused == nil && errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
		c.refused = refused
	}
}

// Now is the time by the service's clock, to the second: what expires there expires
// by that, and this machine's clock may be wrong. Before the first reply it is this
// machine's time.
func (c *Client) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// readDate takes note of the service's time.
func (c *Client) readDate(h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = time.Until(date)
}

// ParseEndpoint checks the base URL of the API and returns it without a
// trailing slash and without /api/v1. Plain http is for loopback addresses
// only, as the key would travel in the clear.
func ParseEndpoint(endpoint string) (string, error) {
	if strings.Contains(endpoint, "@") { // not repeated, as it may hold a password
		return "", fmt.Errorf("an endpoint must not contain a user name or a password; use one such as %s", DefaultEndpoint)
	}
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return "", fmt.Errorf("%q is not a URL; use one such as %s", endpoint, DefaultEndpoint)
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return "", fmt.Errorf("%q would send the API key in the clear; use https (plain http is allowed for loopback addresses only)", endpoint)
	default:
		return "", fmt.Errorf("%q must begin with https://", endpoint)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q has a query or a fragment; use one such as %s", endpoint, DefaultEndpoint)
	}
	path := strings.TrimSuffix(strings.TrimRight(u.EscapedPath(), "/"), apiPath)
	return u.Scheme + "://" + u.Host + strings.TrimRight(path, "/"), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
