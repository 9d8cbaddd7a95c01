// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// noOperation are the methods of a Client that make no call of their own.
var noOperation = []string{"Backoff", "KeyExpires", "MaxRetries", "Now", "Pause"}

var operationDirective = regexp.MustCompile(`(?m)^//api:operation (\S+)$`)

// Every method that calls the service names its operation of the contract, and
// makes the call that the contract has under that name.
func TestEveryMethodIsAnOperation(t *testing.T) {
	t.Parallel()
	named := namedOperations(t)
	contract := contractOperations(t)
	client := reflect.TypeFor[*Client]()
	for i := range client.NumMethod() {
		method := client.Method(i).Name
		operation := named[method]
		if slices.Contains(noOperation, method) {
			if operation != "" {
				t.Errorf("%s is said to make no call, and is %s", method, operation)
			}
			continue
		}
		want, found := contract[operation]
		if !found {
			t.Errorf("%s is the operation %q, which the contract does not have", method, operation)
			continue
		}
		if got := callOf(t, method); got != want {
			t.Errorf("%s, which is %s, calls %q, and the contract has %q", method, operation, got, want)
		}
	}
}

// namedOperations reads the directives of this package, by method.
func namedOperations(t *testing.T) map[string]string {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || function.Doc == nil {
				continue
			}
			for _, line := range function.Doc.List {
				if match := operationDirective.FindStringSubmatch(line.Text); match != nil {
					named[function.Name.Name] = match[1]
				}
			}
		}
	}
	return named
}

// contractOperations are the method and route of each operation of the contract.
func contractOperations(t *testing.T) map[string]string {
	t.Helper()
	contract, err := openapi3.NewLoader().LoadFromFile("../cloudtest/contract.openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	operations := map[string]string{}
	for route, item := range contract.Paths.Map() {
		for method, operation := range item.Operations() {
			operations[operation.OperationID] = method + " " + route
		}
	}
	return operations
}

// callOf calls a method with arguments of its types, and returns the name of the API
// call.
func callOf(t *testing.T, method string) (name string) {
	t.Helper()
	c := Config{Endpoint: "http://127.0.0.1:1", APIKey: "key", Log: func(_ context.Context, call Call) { name = call.Name }}
	function := reflect.ValueOf(newClient(t, c)).MethodByName(method)
	arguments := []reflect.Value{reflect.ValueOf(t.Context())}
	for i := 1; i < function.Type().NumIn(); i++ {
		argument := reflect.New(function.Type().In(i)).Elem()
		switch argument.Kind() {
		case reflect.String:
			argument.SetString("x")
		case reflect.Slice:
			argument = reflect.ValueOf([]string{"x"})
		}
		arguments = append(arguments, argument)
	}
	if function.Type().IsVariadic() {
		function.CallSlice(arguments)
	} else {
		function.Call(arguments)
	}
	return name
}
