// Asks Istio's own validation, which its webhook asks, about the objects of a JSON list on standard input.
//
// What it says is written as a JSON list of lines, one for each error and warning.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"
	security "istio.io/api/security/v1beta1"
	telemetry "istio.io/api/telemetry/v1alpha1"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
	"istio.io/istio/pkg/config/validation"
	"istio.io/istio/pkg/util/protomarshal"
)

type manifest struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
		Labels    map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec json.RawMessage `json:"spec"`
}

type check struct {
	kind     config.GroupVersionKind
	spec     func() proto.Message
	validate validation.ValidateFunc
}

var checks = map[string]check{
	"VirtualService":      {gvk.VirtualService, func() proto.Message { return &networking.VirtualService{} }, validation.ValidateVirtualService},
	"DestinationRule":     {gvk.DestinationRule, func() proto.Message { return &networking.DestinationRule{} }, validation.ValidateDestinationRule},
	"Gateway":             {gvk.Gateway, func() proto.Message { return &networking.Gateway{} }, validation.ValidateGateway},
	"ServiceEntry":        {gvk.ServiceEntry, func() proto.Message { return &networking.ServiceEntry{} }, validation.ValidateServiceEntry},
	"Sidecar":             {gvk.Sidecar, func() proto.Message { return &networking.Sidecar{} }, validation.ValidateSidecar},
	"AuthorizationPolicy": {gvk.AuthorizationPolicy, func() proto.Message { return &security.AuthorizationPolicy{} }, validation.ValidateAuthorizationPolicy},
	"PeerAuthentication":  {gvk.PeerAuthentication, func() proto.Message { return &security.PeerAuthentication{} }, validation.ValidatePeerAuthentication},
	"Telemetry":           {gvk.Telemetry, func() proto.Message { return &telemetry.Telemetry{} }, validation.ValidateTelemetry},
}

// said gives what Istio says to an object; nothing if all is well.
func said(one manifest) []string {
	its, known := checks[one.Kind]
	if !known {
		return []string{"no check for " + one.Kind}
	}
	spec := its.spec()
	if err := protomarshal.ApplyJSONStrict(string(one.Spec), spec); err != nil {
		return []string{err.Error()}
	}
	warning, err := its.validate(config.Config{
		Meta: config.Meta{
			GroupVersionKind: its.kind,
			Name:             one.Metadata.Name,
			Namespace:        one.Metadata.Namespace,
			Labels:           one.Metadata.Labels,
		},
		Spec: spec,
	})
	var all []string
	for _, problem := range []error{err, warning} {
		if problem != nil {
			all = append(all, problem.Error())
		}
	}
	return all
}

func main() {
	var manifests []manifest
	if err := json.NewDecoder(os.Stdin).Decode(&manifests); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := []string{}
	for _, one := range manifests {
		for _, line := range said(one) {
			lines = append(lines, fmt.Sprintf("%s %s: %s", one.Kind, one.Metadata.Name, line))
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(lines); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
