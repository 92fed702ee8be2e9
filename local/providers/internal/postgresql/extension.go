package postgresql

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/jackc/pgx/v5"
)

func extensionResource() *schema.Resource {
	return importable(resource(map[string]*schema.Schema{
		"name":           {Type: schema.TypeString, Required: true, ForceNew: true},
		"schema":         {Type: schema.TypeString, Optional: true, Computed: true},
		"version":        {Type: schema.TypeString, Optional: true, Computed: true},
		"database":       {Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true},
		"drop_cascade":   flag(false),
		"create_cascade": flag(false),
	}, createExtension, readExtension, updateExtension, deleteExtension))
}

func createExtension(ctx context.Context, s *server, data *schema.ResourceData) error {
	name, database := data.Get("name").(string), s.databaseOf(data)
	sql := statement("CREATE EXTENSION IF NOT EXISTS %s", name)
	for clause, attribute := range map[string]string{" SCHEMA %s": "schema", " VERSION %s": "version"} {
		if value := data.Get(attribute).(string); value != "" {
			sql += statement(clause, value)
		}
	}
	if data.Get("create_cascade").(bool) {
		sql += " CASCADE"
	}
	err := s.session(ctx, database, func(db *pgx.Conn) error {
		if _, err := db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("error creating extension %s in database %s: %w", name, database, err)
		}
		return nil
	})
	if err == nil {
		data.SetId(database + "." + name)
	}
	return err
}

// databaseOf is the database of an object that lies in one: by default the provider's.
func (s *server) databaseOf(data *schema.ResourceData) string {
	if database := data.Get("database").(string); database != "" {
		return database
	}
	return s.database
}

// located is where such an object lies. What the id says counts at an import alone, which has nothing else: the parts of
// an id cannot be told apart where a name has a dot.
func (s *server) located(data *schema.ResourceData) (database, name string, err error) {
	if name := data.Get("name").(string); name != "" {
		return s.databaseOf(data), name, nil
	}
	parts := strings.Split(data.Id(), ".")
	if len(parts) != 2 {
		return "", "", fmt.Errorf("ID %q has not the expected format 'database.name'", data.Id())
	}
	return parts[0], parts[1], nil
}

func readExtension(ctx context.Context, s *server, data *schema.ResourceData) error {
	database, name, err := s.located(data)
	if err != nil {
		return err
	}
	return s.ifDatabase(ctx, database, data, func(db *pgx.Conn) error {
		rows, err := db.Query(ctx, `SELECT extname AS name, nspname AS schema, extversion AS version
			FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = $1`, name)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil {
			return fmt.Errorf("error reading extension %s of database %s: %w", name, database, err)
		}
		if len(found) == 0 {
			data.SetId("")
			return nil
		}
		found[0]["database"] = database
		return set(data, found[0])
	})
}

// ifDatabase reads in a database; without the database what lies in it is gone.
func (s *server) ifDatabase(ctx context.Context, database string, data *schema.ResourceData, read func(*pgx.Conn) error) error {
	var exists bool
	err := s.session(ctx, "", func(db *pgx.Conn) (err error) {
		exists, err = databaseExists(ctx, db, database)
		return err
	})
	if err != nil {
		return err
	}
	if !exists {
		data.SetId("")
		return nil
	}
	return s.session(ctx, database, read)
}

func updateExtension(ctx context.Context, s *server, data *schema.ResourceData) error {
	name := data.Get("name").(string)
	var statements []string
	if data.HasChange("schema") {
		statements = append(statements, statement("ALTER EXTENSION %s SET SCHEMA %s", name, data.Get("schema").(string)))
	}
	if data.HasChange("version") {
		statements = append(statements, statement("ALTER EXTENSION %s UPDATE TO %s", name, data.Get("version").(string)))
	}
	return s.transaction(ctx, s.databaseOf(data), func(tx pgx.Tx) error {
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("error updating extension %s: %w", name, err)
			}
		}
		return nil
	})
}

func deleteExtension(ctx context.Context, s *server, data *schema.ResourceData) error {
	sql := statement("DROP EXTENSION %s", data.Get("name").(string))
	if data.Get("drop_cascade").(bool) {
		sql += " CASCADE"
	}
	return s.session(ctx, s.databaseOf(data), func(db *pgx.Conn) error {
		if _, err := db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("error dropping extension %s: %w", data.Get("name"), err)
		}
		return nil
	})
}
