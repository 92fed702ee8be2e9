package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/validation"
	"github.com/jackc/pgx/v5"
)

var grantObjectTypes = []string{"database", "function", "procedure", "routine", "schema", "sequence", "table"}

func grantResource() *schema.Resource {
	names := func() *schema.Schema {
		return &schema.Schema{Type: schema.TypeSet, Optional: true, ForceNew: true, Elem: &schema.Schema{Type: schema.TypeString}}
	}
	return resource(map[string]*schema.Schema{
		"role":              {Type: schema.TypeString, Required: true, ForceNew: true},
		"database":          {Type: schema.TypeString, Required: true, ForceNew: true},
		"schema":            {Type: schema.TypeString, Optional: true, ForceNew: true},
		"object_type":       {Type: schema.TypeString, Required: true, ForceNew: true, ValidateFunc: validation.StringInSlice(grantObjectTypes, false)},
		"objects":           names(),
		"columns":           names(),
		"privileges":        {Type: schema.TypeSet, Required: true, Elem: &schema.Schema{Type: schema.TypeString}},
		"with_grant_option": {Type: schema.TypeBool, Optional: true, ForceNew: true, Default: false},
	}, applyGrant, readGrant, applyGrant, deleteGrant)
}

func validateGrant(data *schema.ResourceData) error {
	objectType, objects := data.Get("object_type").(string), data.Get("objects").(*schema.Set).Len()
	switch {
	case objectType != "database" && data.Get("schema").(string) == "":
		return errors.New("parameter 'schema' is mandatory for postgresql_grant resource")
	case objects > 0 && (objectType == "database" || objectType == "schema"):
		return errors.New("cannot specify `objects` when `object_type` is `database` or `schema`")
	case data.Get("columns").(*schema.Set).Len() > 0:
		return errors.New("cannot specify `columns` when `object_type` is not `column`, which the stand-in does not know")
	}
	return validatePrivileges(data)
}

// applyGrant takes away what the role has before it grants, in one transaction: else a privilege could not be dropped.
//
// Revoking needs the owner's rights. Without them PostgreSQL only warns, and nothing happens: see docs/traps.md.
func applyGrant(ctx context.Context, s *server, data *schema.ResourceData) error {
	if err := validateGrant(data); err != nil {
		return err
	}
	err := s.changeGrant(ctx, data, func(tx pgx.Tx) error {
		privileges := texts(data.Get("privileges"))
		if len(privileges) == 0 {
			return nil
		}
		sql := "GRANT " + strings.Join(privileges, ", ") + " ON " + grantTarget(data) + " TO " + grantee(data)
		if data.Get("with_grant_option").(bool) {
			sql += " WITH GRANT OPTION"
		}
		_, err := tx.Exec(ctx, sql)
		return err
	})
	if err != nil {
		return fmt.Errorf("could not grant on %s: %w", grantTarget(data), err)
	}
	data.SetId(grantID(data))
	return nil
}

func deleteGrant(ctx context.Context, s *server, data *schema.ResourceData) error {
	if err := s.changeGrant(ctx, data, func(pgx.Tx) error { return nil }); err != nil {
		return fmt.Errorf("could not revoke on %s: %w", grantTarget(data), err)
	}
	return nil
}

func (s *server) changeGrant(ctx context.Context, data *schema.ResourceData, grant func(pgx.Tx) error) error {
	database := data.Get("database").(string)
	return s.transaction(ctx, database, func(tx pgx.Tx) error {
		if err := lockRole(ctx, tx, data.Get("role").(string)); err != nil {
			return err
		}
		if data.Get("object_type").(string) == "database" {
			if err := lockDatabase(ctx, tx, database); err != nil {
				return err
			}
		}
		owners, err := grantOwners(ctx, tx, data)
		if err != nil {
			return err
		}
		return asMemberOf(ctx, tx, owners, func() error {
			if _, err := tx.Exec(ctx, "REVOKE ALL PRIVILEGES ON "+grantTarget(data)+" FROM "+grantee(data)); err != nil {
				return err
			}
			return grant(tx)
		})
	})
}

// grantOwners are the owners of the schema and of its tables. For a database there is none, as in the official
// provider: its admin must be a lasting member of the owner.
func grantOwners(ctx context.Context, tx pgx.Tx, data *schema.ResourceData) ([]string, error) {
	if data.Get("object_type").(string) == "database" {
		return nil, nil
	}
	sql := "SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $1"
	if data.Get("object_type").(string) != "schema" {
		sql += " UNION SELECT tableowner FROM pg_tables WHERE schemaname = $1"
	}
	owners, err := all(ctx, tx, sql, data.Get("schema"))
	if err != nil {
		return nil, err
	}
	if i := slices.Index(owners, "pg_database_owner"); i >= 0 { // nobody can be granted this one
		owners[i], err = databaseOwner(ctx, tx, data.Get("database").(string))
	}
	return owners, err
}

// grantTarget is what stands between ON and TO.
func grantTarget(data *schema.ResourceData) string {
	objectType, schemaName := data.Get("object_type").(string), data.Get("schema").(string)
	switch objectType {
	case "database":
		return statement("DATABASE %s", data.Get("database").(string))
	case "schema":
		return statement("SCHEMA %s", schemaName)
	}
	objects := texts(data.Get("objects"))
	if len(objects) == 0 {
		return "ALL " + strings.ToUpper(objectType) + statement("S IN SCHEMA %s", schemaName)
	}
	for i, object := range objects {
		name, arguments, hasArguments := strings.Cut(object, "(") // "sum(integer)": only the name is an identifier
		objects[i] = statement("%s.%s", schemaName, name)
		if hasArguments {
			objects[i] += "(" + arguments
		}
	}
	return strings.ToUpper(objectType) + " " + strings.Join(objects, ", ")
}

// grantee quotes the role. PUBLIC is a keyword, but PostgreSQL takes it in quotes too.
func grantee(data *schema.ResourceData) string { return identifier(data.Get("role").(string)) }

func grantID(data *schema.ResourceData) string {
	parts := []string{data.Get("role").(string), data.Get("database").(string)}
	if data.Get("object_type").(string) != "database" {
		parts = append(parts, data.Get("schema").(string))
	}
	parts = append(parts, data.Get("object_type").(string))
	return strings.Join(append(parts, texts(data.Get("objects"))...), "_")
}

// readGrant compares each object's privileges with the wanted ones and shows those of the first that differs.
//
// An access list that was never changed is NULL and reads as empty, although PUBLIC has its defaults then.
func readGrant(ctx context.Context, s *server, data *schema.ResourceData) error {
	exists, err := s.grantable(ctx, data)
	if err != nil {
		return err
	}
	if !exists {
		data.SetId("")
		return nil
	}
	data.SetId(grantID(data))
	return s.session(ctx, data.Get("database").(string), func(db *pgx.Conn) error {
		role, err := roleNumber(ctx, db, data.Get("role").(string))
		if err != nil {
			return err
		}
		granted, err := grantedPrivileges(ctx, db, role, data)
		if err != nil {
			return fmt.Errorf("could not read the privileges on %s: %w", grantTarget(data), err)
		}
		for _, privileges := range granted {
			if !samePrivileges(privileges, data) {
				return set(data, map[string]any{"privileges": privileges})
			}
		}
		return nil
	})
}

// grantedPrivileges has one entry for each object in question.
func grantedPrivileges(ctx context.Context, db querier, role uint32, data *schema.ResourceData) ([][]string, error) {
	objectType, schemaName := data.Get("object_type").(string), data.Get("schema")
	source, arguments := "", []any{role}
	switch objectType {
	case "database":
		source, arguments = "SELECT datname AS name, datacl AS acl FROM pg_database WHERE datname = $2", append(arguments, data.Get("database"))
	case "schema":
		source, arguments = "SELECT nspname AS name, nspacl AS acl FROM pg_namespace WHERE nspname = $2", append(arguments, schemaName)
	case "function", "procedure", "routine":
		source = "SELECT proname AS name, proacl AS acl FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = $2"
		arguments = append(arguments, schemaName)
	default:
		source = "SELECT relname AS name, relacl AS acl FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $2 AND relkind = $3::\"char\""
		arguments = append(arguments, schemaName, catalogCode[objectType])
	}
	rows, err := db.Query(ctx, `SELECT name::text, ARRAY(SELECT privilege_type FROM aclexplode(acl) WHERE grantee = $1)
		FROM (`+source+`) objects`, arguments...)
	if err != nil {
		return nil, err
	}
	wanted := texts(data.Get("objects"))
	for i, object := range wanted {
		wanted[i], _, _ = strings.Cut(object, "(")
	}
	var found [][]string
	var name string
	var privileges []string
	_, err = pgx.ForEachRow(rows, []any{&name, &privileges}, func() error {
		if len(wanted) == 0 || slices.Contains(wanted, name) {
			found = append(found, slices.Clone(privileges))
		}
		return nil
	})
	return found, err
}
