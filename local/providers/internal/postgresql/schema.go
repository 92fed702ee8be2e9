package postgresql

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/jackc/pgx/v5"
)

func schemaResource() *schema.Resource {
	return importable(resource(map[string]*schema.Schema{
		"name":          {Type: schema.TypeString, Required: true},
		"database":      {Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true},
		"owner":         {Type: schema.TypeString, Optional: true, Computed: true},
		"if_not_exists": flag(true),
		"drop_cascade":  flag(false),
		// Deprecated in the official provider for postgresql_grant, and here for plans to look alike only.
		"policy": {Type: schema.TypeSet, Optional: true, Computed: true, Elem: &schema.Resource{Schema: map[string]*schema.Schema{
			"role":              {Type: schema.TypeString, Optional: true, Default: ""},
			"create":            flag(false),
			"create_with_grant": flag(false),
			"usage":             flag(false),
			"usage_with_grant":  flag(false),
		}}},
	}, createSchema, readSchema, updateSchema, deleteSchema))
}

var errPolicy = errors.New("the stand-in does not know the deprecated policy block: use postgresql_grant with object_type = \"schema\"")

func createSchema(ctx context.Context, s *server, data *schema.ResourceData) error {
	if data.Get("policy").(*schema.Set).Len() > 0 {
		return errPolicy
	}
	name, database, owner := data.Get("name").(string), s.databaseOf(data), data.Get("owner").(string)
	err := s.transaction(ctx, database, func(tx pgx.Tx) error {
		databaseOwner, err := databaseOwner(ctx, tx, database)
		if err != nil {
			return err
		}
		exists, err := schemaExists(ctx, tx, name)
		if err != nil {
			return err
		}
		sql := statement("CREATE SCHEMA %s", name)
		switch {
		case exists && !data.Get("if_not_exists").(bool):
			return fmt.Errorf("schema %s already exists in database %s", name, database)
		case exists && owner == "":
			return nil
		case exists:
			sql = statement("ALTER SCHEMA %s OWNER TO %s", name, owner)
		case owner != "":
			sql += statement(" AUTHORIZATION %s", owner)
		}
		roles := []string{databaseOwner}
		if owner != "" && owner != databaseOwner {
			roles = append(roles, owner)
		}
		return asMemberOf(ctx, tx, roles, func() error {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("error creating schema %s in database %s: %w", name, database, err)
			}
			return nil
		})
	})
	if err == nil {
		data.SetId(database + "." + name)
	}
	return err
}

func readSchema(ctx context.Context, s *server, data *schema.ResourceData) error {
	database, name, err := s.located(data)
	if err != nil {
		return err
	}
	return s.ifDatabase(ctx, database, data, func(db *pgx.Conn) error {
		owner, found, err := one[string](ctx, db, "SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $1", name)
		if err != nil {
			return fmt.Errorf("error reading schema %s of database %s: %w", name, database, err)
		}
		if !found {
			data.SetId("")
			return nil
		}
		return set(data, map[string]any{"name": name, "owner": owner, "database": database})
	})
}

func updateSchema(ctx context.Context, s *server, data *schema.ResourceData) error {
	old, _ := data.GetChange("name")
	name, owner, database := data.Get("name").(string), data.Get("owner").(string), s.databaseOf(data)
	if data.Get("policy").(*schema.Set).Len() > 0 {
		return errPolicy
	}
	if owner == "" {
		return errors.New("error setting schema owner to an empty string")
	}
	var statements []string
	if old != name {
		statements = append(statements, statement("ALTER SCHEMA %s RENAME TO %s", old.(string), name))
	}
	if data.HasChange("owner") {
		statements = append(statements, statement("ALTER SCHEMA %s OWNER TO %s", name, owner))
	}
	err := s.transaction(ctx, database, func(tx pgx.Tx) error {
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("error updating schema %s of database %s: %w", name, database, err)
			}
		}
		return nil
	})
	if err == nil {
		data.SetId(database + "." + name)
	}
	return err
}

func deleteSchema(ctx context.Context, s *server, data *schema.ResourceData) error {
	name, database := data.Get("name").(string), s.databaseOf(data)
	sql := statement("DROP SCHEMA %s", name)
	if data.Get("drop_cascade").(bool) {
		sql += " CASCADE"
	}
	return s.transaction(ctx, database, func(tx pgx.Tx) error {
		return asMemberOf(ctx, tx, []string{data.Get("owner").(string)}, func() error {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("error dropping schema %s of database %s: %w", name, database, err)
			}
			return nil
		})
	})
}
