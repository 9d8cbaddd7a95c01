// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package cloud is the organization access API of Elastic Cloud in plain Go:
// organizations, members, invitations, role assignments, claimed domains, the SAML IdP
// and its role mappings. It has one method for each call, and one file for each area of
// the API. It has no cache and no locks, and does not know Terraform.
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
	// maxReply is the largest reply that is read. The largest known organizations have
	// some ten thousand members, at about a kilobyte each.
	maxReply = 32 << 20
)

// Config has the settings of a Client.
type Config struct {
	// Endpoint is the base URL, with or without /api/v1; see ParseEndpoint.
	Endpoint string
	// APIKey is sent with every call, and only to the host of Endpoint.
	APIKey    string
	UserAgent string
	// MaxRetries is how often a call is repeated if that is safe.
	MaxRetries int
	// RequestTimeout is the timeout of one HTTP call, including its reply.
	RequestTimeout time.Duration
	// RetryWait is the pause before the first repetition. Later pauses are longer. Zero
	// means one second.
	RetryWait time.Duration
	// MaxWait is the longest pause, even if the service asks for a longer one. Zero
	// means one minute, which is also the largest value.
	MaxWait time.Duration
	// Transport makes the HTTP calls. Nil means a pooled network transport. Tests set
	// one that calls a handler in the same process.
	Transport http.RoundTripper
	// Log, if set, is called at the end of every HTTP call.
	Log func(context.Context, Call)
}

// Call describes one HTTP call for a log. It has no secrets.
type Call struct {
	// Name is the method and the route of the API contract.
	Name     string
	Status   int
	Bytes    int
	Duration time.Duration
	Err      error
}

// Client calls Elastic Cloud with one API key. After the service has refused the key
// (401), it makes no further call and returns the same error. It is safe for use by
// many goroutines.
type Client struct {
	config   Config
	base     string
	pace     *pace.Pace
	maxReply int // tests lower it

	mu         sync.Mutex
	refused    *Error // the error of the first call for which the service refused the key
	keyExpires time.Time
	ahead      time.Duration   // the service's clock minus this machine's clock, as of the latest reply
	tokens     map[string]bool // of invitations, in all forms; no error may show them
}

// New returns a client. It makes no call. It returns an error if the endpoint or the
// API key is invalid.
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

// KeyExpires returns when the API key expires, as the latest reply said. It returns the
// zero time if no reply said it.
func (c *Client) KeyExpires() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keyExpires
}

// refusal returns the error of a call that is not made because the service has refused
// the key before, or nil.
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

// noteRefusal notes that the service refused the key, if that is why a call failed.
func (c *Client) noteRefusal(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var refused *Error
	if c.refused == nil && errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
		c.refused = refused
	}
}

// Now returns the time of the service's clock, to the second. The service's clock
// decides when something expires, and this machine's clock may be wrong. Before the
// first reply it returns this machine's time.
func (c *Client) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// readDate notes the service's time.
func (c *Client) readDate(h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = time.Until(date)
}

// ParseEndpoint checks the base URL of the API, and returns it without a slash at its
// end and without /api/v1. It accepts http only for loopback addresses, because the key
// would be sent unencrypted.
func ParseEndpoint(endpoint string) (string, error) {
	if strings.Contains(endpoint, "@") { // not repeated in the error, because it may contain a password
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
