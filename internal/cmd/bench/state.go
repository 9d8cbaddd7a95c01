// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// stateFile writes a state file as the CLI would, so that no run of the CLI is needed
// for it.
func stateFile(s scenario, registry string, objects map[string]terraformtest.Object) ([]byte, error) {
	type instance struct {
		Key        string `json:"index_key,omitempty"`
		Version    int    `json:"schema_version"`
		Attributes any    `json:"attributes"`
		Private    []byte `json:"private,omitempty"`
	}
	var instances []instance
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		attributes, err := plain(objects[key].Value)
		if err != nil {
			return nil, err
		}
		instances = append(instances, instance{Key: strings.TrimPrefix(key, everybody), Attributes: attributes, Private: objects[key].Private})
	}
	resource := map[string]any{
		"mode": "managed", "type": s.resource, "name": "people", "instances": instances,
		"provider": fmt.Sprintf("provider[%q]", registry+"/elasticcloud-access/elasticcloud"),
	}
	if s.resource == member {
		resource["each"] = "map"
	}
	return json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": "benchmark",
		"outputs": map[string]any{}, "resources": []any{resource},
	})
}

// plain returns a value as encoding/json writes it.
func plain(v tftypes.Value) (any, error) {
	if v.IsNull() {
		return nil, nil
	}
	var err error
	switch t := v.Type(); {
	case t.Is(tftypes.String):
		var text string
		err = v.As(&text)
		return text, err
	case t.Is(tftypes.Bool):
		var yes bool
		err = v.As(&yes)
		return yes, err
	case t.Is(tftypes.Number):
		number := new(big.Float)
		err = v.As(&number)
		return json.Number(number.Text('f', -1)), err
	case t.Is(tftypes.Map{}) || t.Is(tftypes.Object{}):
		var values map[string]tftypes.Value
		err = v.As(&values)
		all := map[string]any{}
		for key, value := range values {
			var valueErr error
			if all[key], valueErr = plain(value); valueErr != nil {
				return nil, valueErr
			}
		}
		return all, err
	}
	var values []tftypes.Value
	err = v.As(&values)
	all := make([]any, len(values))
	for i, value := range values {
		var valueErr error
		if all[i], valueErr = plain(value); valueErr != nil {
			return nil, valueErr
		}
	}
	return all, err
}
