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

func defaultPrivilegesResource() *schema.Resource {
	types := []string{"table", "sequence", "function", "routine", "type", "schema"}
	return resource(map[string]*schema.Schema{
		"role":              {Type: schema.TypeString, Required: true, ForceNew: true},
		"database":          {Type: schema.TypeString, Required: true, ForceNew: true},
		"owner":             {Type: schema.TypeString, Required: true, ForceNew: true},
		"schema":            {Type: schema.TypeString, Optional: true, ForceNew: true},
		"object_type":       {Type: schema.TypeString, Required: true, ForceNew: true, ValidateFunc: validation.StringInSlice(types, false)},
		"privileges":        {Type: schema.TypeSet, Required: true, Elem: &schema.Schema{Type: schema.TypeString}},
		"with_grant_option": {Type: schema.TypeBool, Optional: true, ForceNew: true, Default: false},
	}, applyDefaultPrivileges, readDefaultPrivileges, applyDefaultPrivileges, deleteDefaultPrivileges)
}

func applyDefaultPrivileges(ctx context.Context, s *server, data *schema.ResourceData) error {
	objectType, schemaName := data.Get("object_type").(string), data.Get("schema").(string)
	grantOption := data.Get("with_grant_option").(bool)
	switch {
	case objectType == "schema" && schemaName != "":
		return errors.New("cannot specify `schema` when `object_type` is `schema`")
	case grantOption && strings.EqualFold(data.Get("role").(string), public):
		return errors.New("with_grant_option cannot be true for role 'public'")
	}
	if err := validatePrivileges(data); err != nil {
		return err
	}
	statements := []string{defaultPrivileges(data, "REVOKE ALL", "FROM")}
	if privileges := texts(data.Get("privileges")); len(privileges) > 0 {
		sql := defaultPrivileges(data, "GRANT "+strings.Join(privileges, ", "), "TO")
		if grantOption {
			sql += " WITH GRANT OPTION"
		}
		statements = append(statements, sql)
	}
	if err := s.alterDefaultPrivileges(ctx, data, statements...); err != nil {
		return err
	}
	data.SetId(defaultPrivilegesID(data))
	return nil
}

func deleteDefaultPrivileges(ctx context.Context, s *server, data *schema.ResourceData) error {
	return s.alterDefaultPrivileges(ctx, data, defaultPrivileges(data, "REVOKE ALL", "FROM"))
}

func (s *server) alterDefaultPrivileges(ctx context.Context, data *schema.ResourceData, statements ...string) error {
	owner := data.Get("owner").(string)
	return s.transaction(ctx, data.Get("database").(string), func(tx pgx.Tx) error {
		if err := lockRole(ctx, tx, owner); err != nil {
			return err
		}
		return asMemberOf(ctx, tx, []string{owner}, func() error {
			for _, sql := range statements {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return fmt.Errorf("could not alter the default privileges of %s: %w", owner, err)
				}
			}
			return nil
		})
	})
}

// defaultPrivileges is one ALTER DEFAULT PRIVILEGES around a GRANT or REVOKE.
func defaultPrivileges(data *schema.ResourceData, change, preposition string) string {
	sql := statement("ALTER DEFAULT PRIVILEGES FOR ROLE %s ", data.Get("owner").(string))
	if schemaName := data.Get("schema").(string); schemaName != "" {
		sql += statement("IN SCHEMA %s ", schemaName)
	}
	return sql + fmt.Sprintf("%s ON %sS %s %s", change, strings.ToUpper(data.Get("object_type").(string)), preposition, grantee(data))
}

func defaultPrivilegesID(data *schema.ResourceData) string {
	schemaName := data.Get("schema").(string)
	if schemaName == "" {
		schemaName = "noschema"
	}
	return strings.Join([]string{
		data.Get("role").(string), data.Get("database").(string), schemaName, data.Get("owner").(string), data.Get("object_type").(string),
	}, "_")
}

// readDefaultPrivileges takes none at all as gone, unless none were asked for.
func readDefaultPrivileges(ctx context.Context, s *server, data *schema.ResourceData) error {
	exists, err := s.grantable(ctx, data)
	if err != nil {
		return err
	}
	if !exists {
		data.SetId("")
		return nil
	}
	return s.session(ctx, data.Get("database").(string), func(db *pgx.Conn) error {
		role, err := roleNumber(ctx, db, data.Get("role").(string))
		if err != nil {
			return err
		}
		granted, err := all(ctx, db, `SELECT privilege_type FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace,
			aclexplode(defaclacl) WHERE grantee = $1 AND COALESCE(nspname, '') = $2 AND defaclobjtype = $3::"char"
			AND pg_get_userbyid(defaclrole) = $4`,
			role, data.Get("schema"), catalogCode[data.Get("object_type").(string)], data.Get("owner"))
		if err != nil {
			return fmt.Errorf("could not read the default privileges of %s: %w", data.Get("owner"), err)
		}
		if len(granted) == 0 && data.Get("privileges").(*schema.Set).Len() > 0 {
			data.SetId("")
			return nil
		}
		data.SetId(defaultPrivilegesID(data))
		if samePrivileges(granted, data) {
			return nil
		}
		return set(data, map[string]any{"privileges": granted})
	})
}
