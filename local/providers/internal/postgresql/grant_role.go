package postgresql

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/jackc/pgx/v5"
)

func grantRoleResource() *schema.Resource {
	return resource(map[string]*schema.Schema{
		"role":              {Type: schema.TypeString, Required: true, ForceNew: true},
		"grant_role":        {Type: schema.TypeString, Required: true, ForceNew: true},
		"with_admin_option": {Type: schema.TypeBool, Optional: true, ForceNew: true, Default: false},
	}, createGrantRole, readGrantRole, nil, deleteGrantRole)
}

func createGrantRole(ctx context.Context, s *server, data *schema.ResourceData) error {
	role, granted, admin := data.Get("role").(string), data.Get("grant_role").(string), data.Get("with_admin_option").(bool)
	sql := statement("GRANT %s TO %s", granted, role)
	if admin {
		sql += " WITH ADMIN OPTION"
	}
	err := s.transaction(ctx, "", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, statement("REVOKE %s FROM %s", granted, role)); err != nil {
			return fmt.Errorf("could not revoke role %s from %s: %w", granted, role, err)
		}
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("could not grant role %s to %s: %w", granted, role, err)
		}
		return nil
	})
	if err == nil {
		data.SetId(grantRoleID(role, granted, admin))
	}
	return err
}

// readGrantRole takes the first membership that it finds. From PostgreSQL 16 on that is, for the user who created the
// role, the one that the server made for it: with the admin option, whatever was asked for.
func readGrantRole(ctx context.Context, s *server, data *schema.ResourceData) error {
	role, granted := data.Get("role").(string), data.Get("grant_role").(string)
	return s.session(ctx, "", func(db *pgx.Conn) error {
		admin, found, err := one[bool](ctx, db, `SELECT admin_option FROM pg_auth_members
			WHERE pg_get_userbyid(member) = $1 AND pg_get_userbyid(roleid) = $2`, role, granted)
		if err != nil {
			return fmt.Errorf("error reading the membership of %s in %s: %w", role, granted, err)
		}
		if !found {
			data.SetId("")
			return nil
		}
		data.SetId(grantRoleID(role, granted, admin))
		return set(data, map[string]any{"with_admin_option": admin})
	})
}

func deleteGrantRole(ctx context.Context, s *server, data *schema.ResourceData) error {
	role, granted := data.Get("role").(string), data.Get("grant_role").(string)
	return s.session(ctx, "", func(db *pgx.Conn) error {
		if _, err := db.Exec(ctx, statement("REVOKE %s FROM %s", granted, role)); err != nil {
			return fmt.Errorf("could not revoke role %s from %s: %w", granted, role, err)
		}
		return nil
	})
}

func grantRoleID(role, granted string, admin bool) string {
	return fmt.Sprintf("%s_%s_%t", role, granted, admin)
}
