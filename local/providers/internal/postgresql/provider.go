// Package postgresql stands in for cyrilgdn/postgresql on the local cloud, for PostgreSQL 15 and newer.
package postgresql

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/validation"

	"mosaiclife.me/local/providers/internal/standin"
)

// Provider has the arguments of the official provider that make sense without a cloud's own authentication.
func Provider() *schema.Provider {
	return &schema.Provider{
		Schema: map[string]*schema.Schema{
			"scheme":   {Type: schema.TypeString, Optional: true, Default: "postgres", ValidateFunc: validation.StringInSlice([]string{"postgres"}, false)},
			"host":     {Type: schema.TypeString, Optional: true, DefaultFunc: schema.EnvDefaultFunc("PGHOST", nil)},
			"port":     {Type: schema.TypeInt, Optional: true, DefaultFunc: schema.EnvDefaultFunc("PGPORT", 5432)},
			"database": {Type: schema.TypeString, Optional: true, DefaultFunc: schema.EnvDefaultFunc("PGDATABASE", "postgres")},
			"username": {Type: schema.TypeString, Optional: true, DefaultFunc: schema.EnvDefaultFunc("PGUSER", "postgres")},
			"password": {Type: schema.TypeString, Optional: true, Sensitive: true, DefaultFunc: schema.EnvDefaultFunc("PGPASSWORD", nil)},
			// The user that the server maps the login to, where the two differ.
			"database_username": {Type: schema.TypeString, Optional: true},
			// Whether the provider may read passwords back. The stand-in never does.
			"superuser":   {Type: schema.TypeBool, Optional: true, DefaultFunc: schema.EnvDefaultFunc("PGSUPERUSER", true)},
			"sslmode":     {Type: schema.TypeString, Optional: true, DefaultFunc: schema.EnvDefaultFunc("PGSSLMODE", "require"), ValidateFunc: validation.StringInSlice([]string{"disable", "require", "verify-ca", "verify-full"}, false)},
			"sslrootcert": {Type: schema.TypeString, Optional: true},
			"connect_timeout": {
				Type: schema.TypeInt, Optional: true, ValidateFunc: validation.IntAtLeast(-1),
				DefaultFunc: schema.EnvDefaultFunc("PGCONNECT_TIMEOUT", 180),
			},
			// Each resource holds two connections at most, so Terraform's parallelism is the limit.
			"max_connections": {Type: schema.TypeInt, Optional: true, Default: 20, ValidateFunc: validation.IntAtLeast(-1)},
			// The server is asked for what depends on its version.
			"expected_version": {Type: schema.TypeString, Optional: true, Default: "9.0.0"},
		},
		ResourcesMap: map[string]*schema.Resource{
			"postgresql_database":           databaseResource(),
			"postgresql_default_privileges": defaultPrivilegesResource(),
			"postgresql_extension":          extensionResource(),
			"postgresql_grant":              grantResource(),
			"postgresql_grant_role":         grantRoleResource(),
			"postgresql_role":               roleResource(),
			"postgresql_schema":             schemaResource(),
		},
		ConfigureContextFunc: func(_ context.Context, data *schema.ResourceData) (any, diag.Diagnostics) {
			if err := standin.Allowed("cyrilgdn/postgresql"); err != nil {
				return nil, diag.FromErr(err)
			}
			return &server{
				host:           data.Get("host").(string),
				port:           data.Get("port").(int),
				database:       data.Get("database").(string),
				username:       data.Get("username").(string),
				password:       data.Get("password").(string),
				mapped:         data.Get("database_username").(string),
				sslMode:        data.Get("sslmode").(string),
				rootCert:       data.Get("sslrootcert").(string),
				connectTimeout: data.Get("connect_timeout").(int),
			}, nil
		},
	}
}

// operation is one of create, read, update and delete.
type operation func(ctx context.Context, s *server, data *schema.ResourceData) error

// resource makes a Terraform resource; a nil update means that every attribute forces a new one.
func resource(attributes map[string]*schema.Schema, create, read, update, remove operation) *schema.Resource {
	r := &schema.Resource{
		Schema:        attributes,
		CreateContext: thenRead(create, read),
		ReadContext:   schema.ReadContextFunc(run(read)),
		DeleteContext: schema.DeleteContextFunc(run(remove)),
	}
	if update != nil {
		r.UpdateContext = schema.UpdateContextFunc(thenRead(update, read))
	}
	return r
}

func run(work operation) func(context.Context, *schema.ResourceData, any) diag.Diagnostics {
	return func(ctx context.Context, data *schema.ResourceData, provider any) diag.Diagnostics {
		return diag.FromErr(work(ctx, provider.(*server), data))
	}
}

func thenRead(work, read operation) func(context.Context, *schema.ResourceData, any) diag.Diagnostics {
	return run(func(ctx context.Context, s *server, data *schema.ResourceData) error {
		if err := work(ctx, s, data); err != nil {
			return err
		}
		return read(ctx, s, data)
	})
}

// set stores what was read; the values are of the schema's types, so an error is a mistake in this program.
func set(data *schema.ResourceData, values map[string]any) error {
	for name, value := range values {
		if err := data.Set(name, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func importable(r *schema.Resource) *schema.Resource {
	r.Importer = &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext}
	return r
}

// texts are the elements of a list or set of strings.
func texts(value any) []string {
	if values, ok := value.(*schema.Set); ok {
		value = values.List()
	}
	list := value.([]any)
	result := make([]string, len(list))
	for i, element := range list {
		result[i], _ = element.(string)
	}
	return result
}
