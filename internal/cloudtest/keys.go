// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// keyPair is a private key and its certificate.
type keyPair struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

// The service provider signs and decrypts with two pairs, so that a test notices if one
// is used for the other. All servers of a process share them, because making RSA keys
// takes a while.
var (
	signingPair    = sync.OnceValue(func() keyPair { return lasting("Service provider signing") })
	encryptionPair = sync.OnceValue(func() keyPair { return lasting("Service provider encryption") })
)

// lasting returns a pair that is valid in real time and in virtual time, which begins
// in 2000.
func lasting(name string) keyPair {
	key := newRSAKey()
	return keyPair{key, newCertificate(name, key, time.Unix(0, 0), time.Now().AddDate(100, 0, 0))}
}

// newIdPPair returns a pair with an elliptic curve. Making one takes no time, so every
// IdP has its own.
func newIdPPair() keyPair { return idpPair(newECKey()) }

func idpPair(key crypto.Signer) keyPair {
	now := time.Now()
	return keyPair{key, newCertificate("Test IdP", key, now.Add(-time.Hour), now.AddDate(3, 0, 0))}
}

func newECKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err)) // never fails
	}
	return key
}

func newRSAKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err)) // never fails
	}
	return key
}

func newCertificate(name string, key crypto.Signer, notBefore, notAfter time.Time) *x509.Certificate {
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetInt64(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    notBefore,
		NotAfter:     notAfter,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err)) // made by this package
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err))
	}
	return certificate
}

func certificatePEM(certificate *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
}

// NewCertificate returns a self-signed certificate that is valid for a time, and its
// private key, both as PEM. It is for configurations with which nobody signs in. To
// sign in, use TestIdP.
func NewCertificate(name string, notBefore, notAfter time.Time) (certificate, privateKey string) {
	key := newECKey()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err))
	}
	privateKey = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return certificatePEM(newCertificate(name, key, notBefore, notAfter)), privateKey
}
