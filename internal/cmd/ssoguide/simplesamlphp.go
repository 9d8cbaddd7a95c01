// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"embed"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// simpleSAMLphpSite is the folder of the pages in Debian's package.
const simpleSAMLphpSite = "/usr/share/simplesamlphp/www"

// simpleSAMLphpFiles configure SimpleSAMLphp.
//
//go:embed simplesamlphp
var simpleSAMLphpFiles embed.FS

// simpleSAMLphp is a SimpleSAMLphp IdP, behind a proxy for TLS.
type simpleSAMLphp struct {
	program
	dir      string
	php      string // its address
	proxy    *http.Server
	settings idpSettings
}

// idpSettings is settings.json.
type idpSettings struct {
	Base     string              `json:"base"`
	Secret   string              `json:"secret"`   // everybody's password
	People   map[string][]string `json:"people"`   // their groups, by e-mail address
	Key      string              `json:"key"`      // the key that signs
	NextKey  string              `json:"next_key"` // the key that is announced; "" for none
	Audience string              `json:"audience"` // of assertions; "" for the right one
}

func startSimpleSAMLphp(ctx context.Context, dir string, people ...user) (*simpleSAMLphp, error) {
	s := &simpleSAMLphp{
		dir:      filepath.Join(dir, "simplesamlphp"),
		settings: idpSettings{Secret: rand.Text(), People: map[string][]string{}, Key: "first"},
	}
	for _, who := range people {
		s.settings.People[who.email] = who.groups
	}
	files, err := fs.Sub(simpleSAMLphpFiles, "simplesamlphp")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.CopyFS(s.dir, files), os.Mkdir(filepath.Join(s.dir, "cert"), 0o700)); err != nil {
		return nil, err
	}
	if err := errors.Join(s.makeKey("first"), s.makeKey("second")); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s.php = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := s.startProxy(); err != nil {
		return nil, err
	}
	if err := s.configure(nil); err != nil {
		return nil, errors.Join(err, s.proxy.Close())
	}
	cmd := exec.Command("php", "-S", s.php, "-t", simpleSAMLphpSite) //nolint:noctx // stop ends it
	cmd.Env = append(os.Environ(), "SIMPLESAMLPHP_CONFIG_DIR="+filepath.Join(s.dir, "config"))
	if err := s.start(cmd); err != nil {
		return nil, errors.Join(err, s.proxy.Close())
	}
	if err := s.ready(ctx, func() error { _, err := s.metadata(ctx); return err }); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// startProxy listens with TLS, because the provider and SAML products require https.
func (s *simpleSAMLphp) startProxy() error {
	certificate, key := cloudtest.NewCertificate("127.0.0.1", time.Now().Add(-time.Hour), time.Now().AddDate(0, 0, 1))
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		return err
	}
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	s.settings.Base = "https://" + listener.Addr().String() + "/"
	s.proxy = &http.Server{
		Handler:           httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: s.php}),
		ReadHeaderTimeout: time.Minute,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func() { _ = s.proxy.ServeTLS(listener, "", "") }() // ends with Close
	return nil
}

// makeKey makes a key for signing, with its certificate. SimpleSAMLphp accepts only
// RSA.
func (s *simpleSAMLphp) makeKey(name string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name + " key of the IdP"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	file := filepath.Join(s.dir, "cert", name)
	return errors.Join(
		os.WriteFile(file+".crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600),
		os.WriteFile(file+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600),
	)
}

// configure changes the IdP.
func (s *simpleSAMLphp) configure(change func(*idpSettings)) error {
	if change != nil {
		change(&s.settings)
	}
	text, err := json.Marshal(s.settings)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "settings.json"), text, 0o600)
}

// trust loads the service's metadata.
func (s *simpleSAMLphp) trust(spMetadata []byte) error {
	return os.WriteFile(filepath.Join(s.dir, "sp-metadata.xml"), spMetadata, 0o600)
}

func (s *simpleSAMLphp) metadata(ctx context.Context) (string, error) {
	text, err := request(ctx, http.MethodGet, "http://"+s.php+"/saml2/idp/metadata.php")
	return string(text), err
}

func (s *simpleSAMLphp) stop() error {
	return errors.Join(s.proxy.Close(), s.program.stop())
}
