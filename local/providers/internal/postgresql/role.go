package postgresql

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/go-cty/cty"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/validation"
	"github.com/jackc/pgx/v5"
)

// roleFlags are the options that are on or off, with the column of pg_roles that shows them.
var roleFlags = []struct{ attribute, option, column string }{
	{"superuser", "SUPERUSER", "rolsuper"},
	{"create_database", "CREATEDB", "rolcreatedb"},
	{"create_role", "CREATEROLE", "rolcreaterole"},
	{"inherit", "INHERIT", "rolinherit"},
	{"login", "LOGIN", "rolcanlogin"},
	{"replication", "REPLICATION", "rolreplication"},
	{"bypass_row_level_security", "BYPASSRLS", "rolbypassrls"},
}

func roleResource() *schema.Resource {
	return importable(resource(map[string]*schema.Schema{
		"name":     {Type: schema.TypeString, Required: true},
		"password": {Type: schema.TypeString, Optional: true, Sensitive: true, ConflictsWith: []string{"password_wo", "password_wo_version"}},
		"password_wo": {
			Type: schema.TypeString, Optional: true, Sensitive: true, WriteOnly: true,
			ConflictsWith: []string{"password"}, RequiredWith: []string{"password_wo_version"},
		},
		"password_wo_version": {Type: schema.TypeString, Optional: true, ConflictsWith: []string{"password"}, RequiredWith: []string{"password_wo"}},
		"encrypted":           {Type: schema.TypeString, Optional: true, Deprecated: "Rename it to encrypted_password."},
		"encrypted_password":  {Type: schema.TypeBool, Optional: true, Default: true},
		"roles":               {Type: schema.TypeSet, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}},
		"search_path":         {Type: schema.TypeList, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}},
		"valid_until":         {Type: schema.TypeString, Optional: true, Default: "infinity"},
		"connection_limit":    {Type: schema.TypeInt, Optional: true, Default: -1, ValidateFunc: validation.IntAtLeast(-1)},
		"superuser":           flag(false),
		"create_database":     flag(false),
		"create_role":         flag(false),
		"inherit":             flag(true),
		"login":               flag(false),
		"replication":         flag(false),

		"bypass_row_level_security":           flag(false),
		"skip_drop_role":                      flag(false),
		"skip_reassign_owned":                 flag(false),
		"statement_timeout":                   {Type: schema.TypeInt, Optional: true, ValidateFunc: validation.IntAtLeast(0)},
		"idle_in_transaction_session_timeout": {Type: schema.TypeInt, Optional: true, ValidateFunc: validation.IntAtLeast(0)},
		"assume_role":                         {Type: schema.TypeString, Optional: true},
	}, createRole, readRole, updateRole, deleteRole))
}

func flag(byDefault bool) *schema.Schema {
	return &schema.Schema{Type: schema.TypeBool, Optional: true, Default: byDefault}
}

func createRole(ctx context.Context, s *server, data *schema.ResourceData) error {
	name := data.Get("name").(string)
	err := s.transaction(ctx, "", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, statement("CREATE ROLE %s WITH ", name)+strings.Join(roleOptions(data), " ")); err != nil {
			return fmt.Errorf("error creating role %s: %w", name, err)
		}
		if err := grantRoles(ctx, tx, name, data); err != nil {
			return err
		}
		return alterSettings(ctx, tx, name, data)
	})
	if err == nil {
		data.SetId(name)
	}
	return err
}

func roleOptions(data *schema.ResourceData) (options []string) {
	for _, flag := range roleFlags {
		options = append(options, option(flag.option, data.Get(flag.attribute).(bool)))
	}
	options = append(options,
		fmt.Sprintf("CONNECTION LIMIT %d", data.Get("connection_limit")),
		"VALID UNTIL "+literal(data.Get("valid_until").(string)),
	)
	if password := givenPassword(data); password != "" {
		options = append(options, passwordOption(password))
	}
	return options
}

// givenPassword is the write-only one, of which only the configuration knows, or the one that the state keeps.
func givenPassword(data *schema.ResourceData) string {
	value, diagnostics := data.GetRawConfigAt(cty.GetAttrPath("password_wo"))
	if !diagnostics.HasError() && value.IsKnown() && !value.IsNull() && value.AsString() != "" {
		return value.AsString()
	}
	return data.Get("password").(string)
}

func passwordOption(password string) string {
	if strings.EqualFold(password, "NULL") {
		return "PASSWORD NULL"
	}
	return "ENCRYPTED PASSWORD " + literal(password)
}

func option(name string, on bool) string {
	if on {
		return name
	}
	return "NO" + name
}

func grantRoles(ctx context.Context, tx pgx.Tx, name string, data *schema.ResourceData) error {
	for _, role := range texts(data.Get("roles")) {
		if _, err := tx.Exec(ctx, statement("GRANT %s TO %s", role, name)); err != nil {
			return fmt.Errorf("could not grant role %s to %s: %w", role, name, err)
		}
	}
	return nil
}

func readRole(ctx context.Context, s *server, data *schema.ResourceData) error {
	return s.session(ctx, "", func(db *pgx.Conn) error {
		rows, err := db.Query(ctx, `SELECT r.*, COALESCE(rolvaliduntil::text, 'infinity') AS valid_until, ARRAY(
			SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = r.oid) AS roles
			FROM pg_roles r WHERE rolname = $1`, data.Id())
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil {
			return fmt.Errorf("error reading role %s: %w", data.Id(), err)
		}
		if len(found) == 0 {
			data.SetId("")
			return nil
		}
		role := found[0]
		values := map[string]any{
			"name": role["rolname"], "connection_limit": int(role["rolconnlimit"].(int32)), "valid_until": role["valid_until"],
			"roles": role["roles"], "encrypted_password": true,
			"skip_drop_role": data.Get("skip_drop_role"), "skip_reassign_owned": data.Get("skip_reassign_owned"),
		}
		for _, flag := range roleFlags {
			values[flag.attribute] = role[flag.column]
		}
		if err := readSettings(role["rolconfig"], values); err != nil {
			return fmt.Errorf("error reading role %s: %w", data.Id(), err)
		}
		return set(data, values)
	})
}

func updateRole(ctx context.Context, s *server, data *schema.ResourceData) error {
	old, _ := data.GetChange("name")
	name := data.Get("name").(string)
	err := s.transaction(ctx, "", func(tx pgx.Tx) error {
		if err := lockRole(ctx, tx, old.(string)); err != nil {
			return err
		}
		for _, sql := range roleChanges(old.(string), name, data) {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("error updating role %s: %w", name, err)
			}
		}
		if data.HasChange("roles") {
			granted, err := all(ctx, tx, "SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE pg_get_userbyid(member) = $1", name)
			if err != nil {
				return err
			}
			for _, role := range granted {
				if _, err := tx.Exec(ctx, statement("REVOKE %s FROM %s", role, name)); err != nil {
					return fmt.Errorf("could not revoke role %s from %s: %w", role, name, err)
				}
			}
			if err := grantRoles(ctx, tx, name, data); err != nil {
				return err
			}
		}
		return alterSettings(ctx, tx, name, data)
	})
	if err == nil {
		data.SetId(name)
	}
	return err
}

func roleChanges(old, name string, data *schema.ResourceData) (statements []string) {
	if old != name {
		statements = append(statements, statement("ALTER ROLE %s RENAME TO %s", old, name))
	}
	alter := statement("ALTER ROLE %s ", name)
	if data.HasChanges("password", "password_wo_version") {
		if password := givenPassword(data); password != "" {
			statements = append(statements, alter+passwordOption(password))
		}
	}
	for _, flag := range roleFlags {
		if data.HasChange(flag.attribute) {
			statements = append(statements, alter+option(flag.option, data.Get(flag.attribute).(bool)))
		}
	}
	if data.HasChange("connection_limit") {
		statements = append(statements, alter+fmt.Sprintf("CONNECTION LIMIT %d", data.Get("connection_limit")))
	}
	if data.HasChange("valid_until") {
		statements = append(statements, alter+"VALID UNTIL "+literal(data.Get("valid_until").(string)))
	}
	return statements
}

// deleteRole gives what the role owns in the provider's database to the provider's user first, as RDS needs it.
func deleteRole(ctx context.Context, s *server, data *schema.ResourceData) error {
	name := data.Get("name").(string)
	return s.transaction(ctx, "", func(tx pgx.Tx) error {
		if err := lockRole(ctx, tx, name); err != nil {
			return err
		}
		if !data.Get("skip_reassign_owned").(bool) {
			err := asMemberOf(ctx, tx, []string{name}, func() error {
				if _, err := tx.Exec(ctx, statement("REASSIGN OWNED BY %s TO %s", name, s.user())); err != nil {
					return fmt.Errorf("could not reassign owned by role %s to %s: %w", name, s.user(), err)
				}
				if _, err := tx.Exec(ctx, statement("DROP OWNED BY %s", name)); err != nil {
					return fmt.Errorf("could not drop owned by role %s: %w", name, err)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		if !data.Get("skip_drop_role").(bool) {
			if _, err := tx.Exec(ctx, statement("DROP ROLE %s", name)); err != nil {
				return fmt.Errorf("could not delete role %s: %w", name, err)
			}
		}
		return nil
	})
}
