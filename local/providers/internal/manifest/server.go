// Package manifest stands in for kubernetes_manifest of hashicorp/kubernetes: any object, in the server's own schema.
package manifest

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const resourceType = "kubernetes_manifest"

// Server adds kubernetes_manifest to a provider. The plugin SDK of the typed resources has no dynamic attributes, so
// this one resource is written on the protocol itself.
type Server struct {
	tfprotov5.ProviderServer
	config func() (*rest.Config, error)

	lock      sync.Mutex
	connected *connection
	types     map[schema.GroupVersionKind]*node
}

type connection struct {
	objects   dynamic.Interface
	discovery discovery.CachedDiscoveryInterface
	kinds     *restmapper.DeferredDiscoveryRESTMapper
}

// New wraps the server of the other resources; config gives the connection once the provider is configured.
func New(inner tfprotov5.ProviderServer, config func() (*rest.Config, error)) *Server {
	return &Server{ProviderServer: inner, config: config, types: map[schema.GroupVersionKind]*node{}}
}

func (s *Server) GetMetadata(ctx context.Context, request *tfprotov5.GetMetadataRequest) (*tfprotov5.GetMetadataResponse, error) {
	response, err := s.ProviderServer.GetMetadata(ctx, request)
	if err == nil {
		response.Resources = append(response.Resources, tfprotov5.ResourceMetadata{TypeName: resourceType})
	}
	return response, err
}

func (s *Server) GetProviderSchema(ctx context.Context, request *tfprotov5.GetProviderSchemaRequest) (*tfprotov5.GetProviderSchemaResponse, error) {
	response, err := s.ProviderServer.GetProviderSchema(ctx, request)
	if err == nil {
		response.ResourceSchemas[resourceType] = resourceSchema
	}
	return response, err
}

func (s *Server) connect() (*connection, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.connected != nil {
		return s.connected, nil
	}
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	cached := memory.NewMemCacheClient(client)
	s.connected = &connection{objects, cached, restmapper.NewDeferredDiscoveryRESTMapper(cached)}
	return s.connected, nil
}

// find gives the type and the client of an object of which apiVersion, kind and namespace are known.
func (s *Server) find(object place) (*node, dynamic.ResourceInterface, error) {
	connection, err := s.connect()
	if err != nil {
		return nil, nil, err
	}
	apiVersion, _ := object.at("apiVersion").value.(string)
	kindName, _ := object.at("kind").value.(string)
	group, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return nil, nil, err
	}
	kind := group.WithKind(kindName)
	mapping, err := connection.kinds.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, nil, fmt.Errorf("API did not recognize GroupVersionKind from manifest (CRD may not be installed): %w", err)
	}
	namespace, _ := object.at("metadata").at("namespace").value.(string)
	namespaced := mapping.Scope.Name() == "namespace"
	switch {
	case namespaced && namespace == "":
		return nil, nil, fmt.Errorf("Resources of type %q require a namespace", kind)
	case !namespaced && namespace != "":
		return nil, nil, fmt.Errorf("Resources of type %q cannot have a namespace", kind)
	}
	objectType, err := s.typeOf(connection, kind)
	if err != nil {
		return nil, nil, err
	}
	if !namespaced {
		return objectType, connection.objects.Resource(mapping.Resource), nil
	}
	return objectType, connection.objects.Resource(mapping.Resource).Namespace(namespace), nil
}

func (s *Server) typeOf(connection *connection, kind schema.GroupVersionKind) (*node, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if known, found := s.types[kind]; found {
		return known, nil
	}
	found, err := typeOf(connection.discovery.OpenAPIV3(), kind)
	if err == nil {
		s.types[kind] = found
	}
	return found, err
}

func failed(summary string, err error) []*tfprotov5.Diagnostic {
	return []*tfprotov5.Diagnostic{{Severity: tfprotov5.DiagnosticSeverityError, Summary: summary, Detail: err.Error()}}
}

// read gives a resource's attributes plainly and as they came; nothing where there is no resource.
func read(raw *tfprotov5.DynamicValue) (place, map[string]tftypes.Value, error) {
	value, err := raw.Unmarshal(resourceSchema.ValueType())
	if err != nil || value.IsNull() {
		return place{}, nil, err
	}
	attributes := map[string]tftypes.Value{}
	if err := value.As(&attributes); err != nil {
		return place{}, nil, err
	}
	plain, err := decode(value)
	return place{plain, true}, attributes, err
}

func pack(attributes map[string]tftypes.Value) (*tfprotov5.DynamicValue, error) {
	packed, err := tfprotov5.NewDynamicValue(resourceSchema.ValueType(), tftypes.NewValue(resourceSchema.ValueType(), attributes))
	return &packed, err
}
