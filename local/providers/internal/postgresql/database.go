package postgresql

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/validation"
	"github.com/jackc/pgx/v5"
)

func databaseResource() *schema.Resource {
	replaced := func() *schema.Schema {
		return &schema.Schema{Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true}
	}
	return importable(resource(map[string]*schema.Schema{
		"name":                   {Type: schema.TypeString, Required: true},
		"owner":                  {Type: schema.TypeString, Optional: true, Computed: true},
		"template":               replaced(),
		"encoding":               replaced(),
		"lc_collate":             replaced(),
		"lc_ctype":               replaced(),
		"tablespace_name":        {Type: schema.TypeString, Optional: true, Computed: true},
		"connection_limit":       {Type: schema.TypeInt, Optional: true, Default: -1, ValidateFunc: validation.IntAtLeast(-1)},
		"allow_connections":      flag(true),
		"is_template":            {Type: schema.TypeBool, Optional: true, Computed: true},
		"alter_object_ownership": flag(false),
	}, createDatabase, readDatabase, updateDatabase, deleteDatabase))
}

func createDatabase(ctx context.Context, s *server, data *schema.ResourceData) error {
	name, owner := data.Get("name").(string), data.Get("owner").(string)
	if owner == "" {
		owner = s.user()
	}
	sql := statement("CREATE DATABASE %s OWNER %s", name, owner) + databaseOptions(data)
	err := s.asMember(ctx, owner, func(db *pgx.Conn) error {
		if _, err := db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("error creating database %q: %w", name, err)
		}
		return nil
	})
	if err == nil {
		data.SetId(name)
	}
	return err
}

func databaseOptions(data *schema.ResourceData) string {
	return databaseOption(data, "TEMPLATE", "template", "template0", identifier) +
		databaseOption(data, "ENCODING", "encoding", "UTF8", literal) +
		databaseOption(data, "LC_COLLATE", "lc_collate", "", literal) +
		databaseOption(data, "LC_CTYPE", "lc_ctype", "", literal) +
		databaseOption(data, "TABLESPACE", "tablespace_name", "", identifier) +
		fmt.Sprintf(" ALLOW_CONNECTIONS %t CONNECTION LIMIT %d IS_TEMPLATE %t",
			data.Get("allow_connections"), data.Get("connection_limit"), data.Get("is_template"))
}

// databaseOption is one clause of CREATE DATABASE; without a default, an absent one is left to the server.
func databaseOption(data *schema.ResourceData, clause, attribute, byDefault string, quote func(string) string) string {
	value := data.Get(attribute).(string)
	switch {
	case strings.EqualFold(value, "DEFAULT"):
		return " " + clause + " DEFAULT"
	case value != "":
		return " " + clause + " " + quote(value)
	case byDefault != "":
		return " " + clause + " " + quote(byDefault)
	}
	return ""
}

func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }

// asMember runs work, which cannot be in a transaction, while the provider's user is a member of role. It holds a lock
// on that user, so that no other resource takes the membership away meanwhile.
func (s *server) asMember(ctx context.Context, role string, work func(*pgx.Conn) error) error {
	return s.transaction(ctx, "", func(lock pgx.Tx) error {
		if err := lockRole(ctx, lock, s.user()); err != nil {
			return err
		}
		return s.session(ctx, "", func(db *pgx.Conn) error {
			joined, err := join(ctx, db, role, s.user())
			if err != nil {
				return err
			}
			err = work(db)
			if joined {
				_, left := leave(ctx, db, role, s.user())
				err = errors.Join(err, left)
			}
			return err
		})
	})
}

func readDatabase(ctx context.Context, s *server, data *schema.ResourceData) error {
	return s.session(ctx, "", func(db *pgx.Conn) error {
		rows, err := db.Query(ctx, `SELECT datname AS name, pg_get_userbyid(datdba)::text AS owner,
			pg_encoding_to_char(encoding)::text AS encoding, datcollate AS lc_collate, datctype AS lc_ctype,
			spcname AS tablespace_name, datconnlimit AS connection_limit, datallowconn AS allow_connections,
			datistemplate AS is_template
			FROM pg_database JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = $1`, data.Id())
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil {
			return fmt.Errorf("error reading database %q: %w", data.Id(), err)
		}
		if len(found) == 0 {
			data.SetId("")
			return nil
		}
		found[0]["connection_limit"] = int(found[0]["connection_limit"].(int32))
		// The server does not remember the template.
		if data.Get("template").(string) == "" {
			found[0]["template"] = "template0"
		}
		return set(data, found[0])
	})
}

func updateDatabase(ctx context.Context, s *server, data *schema.ResourceData) error {
	old, _ := data.GetChange("name")
	name, owner := data.Get("name").(string), data.Get("owner").(string)
	var statements []string
	if old != name {
		statements = append(statements, statement("ALTER DATABASE %s RENAME TO %s", old.(string), name))
	}
	alter := statement("ALTER DATABASE %s ", name)
	if tablespace := data.Get("tablespace_name").(string); data.HasChange("tablespace_name") {
		if tablespace == "" || strings.EqualFold(tablespace, "DEFAULT") {
			tablespace = "pg_default"
		}
		statements = append(statements, alter+statement("SET TABLESPACE %s", tablespace))
	}
	for attribute, clause := range map[string]string{
		"connection_limit": "CONNECTION LIMIT", "allow_connections": "ALLOW_CONNECTIONS", "is_template": "IS_TEMPLATE",
	} {
		if data.HasChange(attribute) {
			statements = append(statements, alter+fmt.Sprintf("%s %v", clause, data.Get(attribute)))
		}
	}
	err := s.session(ctx, "", func(db *pgx.Conn) error {
		for _, sql := range statements {
			if _, err := db.Exec(ctx, sql); err != nil {
				return fmt.Errorf("error updating database %q: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	data.SetId(name)
	if owner == "" || !data.HasChanges("owner", "alter_object_ownership") {
		return nil
	}
	if data.Get("alter_object_ownership").(bool) {
		if err := s.reassignObjects(ctx, name, owner); err != nil {
			return err
		}
	}
	if !data.HasChange("owner") {
		return nil
	}
	return s.asMember(ctx, owner, func(db *pgx.Conn) error {
		if _, err := db.Exec(ctx, alter+statement("OWNER TO %s", owner)); err != nil {
			return fmt.Errorf("error updating the owner of database %q: %w", name, err)
		}
		return nil
	})
}

// reassignObjects gives what the database's present owner owns in it to another.
func (s *server) reassignObjects(ctx context.Context, database, owner string) error {
	return s.transaction(ctx, database, func(tx pgx.Tx) error {
		if err := lockRole(ctx, tx, s.user()); err != nil {
			return err
		}
		present, err := databaseOwner(ctx, tx, database)
		if err != nil || present == owner {
			return err
		}
		return asMemberOf(ctx, tx, []string{present, owner}, func() error {
			if _, err := tx.Exec(ctx, statement("REASSIGN OWNED BY %s TO %s", present, owner)); err != nil {
				return fmt.Errorf("error reassigning objects owned by %q: %w", present, err)
			}
			return nil
		})
	})
}

func databaseOwner(ctx context.Context, db querier, database string) (string, error) {
	owner, found, err := one[string](ctx, db, "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1", database)
	if err == nil && !found {
		err = fmt.Errorf("could not find database %q while looking for its owner", database)
	}
	return owner, err
}

// deleteDatabase ends the sessions on the database, and holds off new ones, before it drops it.
func deleteDatabase(ctx context.Context, s *server, data *schema.ResourceData) error {
	name := data.Get("name").(string)
	return s.asMember(ctx, data.Get("owner").(string), func(db *pgx.Conn) error {
		statements := []string{
			statement("ALTER DATABASE %s ALLOW_CONNECTIONS false", name),
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " + literal(name) + " AND pid <> pg_backend_pid()",
			statement("DROP DATABASE %s WITH (FORCE)", name),
		}
		if data.Get("is_template").(bool) {
			statements = append([]string{statement("ALTER DATABASE %s IS_TEMPLATE false", name)}, statements...)
		}
		for _, sql := range statements {
			if _, err := db.Exec(ctx, sql); err != nil {
				return fmt.Errorf("error dropping database %q: %w", name, err)
			}
		}
		return nil
	})
}
