package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// public is the role that every role is a member of; it has no entry in pg_roles, and 0 as its number.
const public = "public"

// privilegesOf lists what can be granted on each type of object: https://www.postgresql.org/docs/current/sql-grant.html
var privilegesOf = map[string][]string{
	"database":  {"CREATE", "CONNECT", "TEMPORARY"},
	"table":     {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"},
	"sequence":  {"USAGE", "SELECT", "UPDATE"},
	"schema":    {"CREATE", "USAGE"},
	"function":  {"EXECUTE"},
	"procedure": {"EXECUTE"},
	"routine":   {"EXECUTE"},
	"type":      {"USAGE"},
}

// catalogCode is the letter of an object type in pg_class.relkind and pg_default_acl.defaclobjtype.
var catalogCode = map[string]string{"table": "r", "sequence": "S", "function": "f", "routine": "f", "type": "T", "schema": "n"}

func validatePrivileges(data *schema.ResourceData) error {
	objectType := data.Get("object_type").(string)
	for _, privilege := range texts(data.Get("privileges")) {
		if privilege != "ALL" && !slices.Contains(privilegesOf[objectType], privilege) {
			return fmt.Errorf("%s is not an allowed privilege for object type %s: ALL, %s are",
				privilege, objectType, strings.Join(privilegesOf[objectType], ", "))
		}
	}
	return nil
}

// samePrivileges compares what is granted with what is wanted; ALL stands for each one of the object's type.
func samePrivileges(granted []string, data *schema.ResourceData) bool {
	wanted := texts(data.Get("privileges"))
	if slices.Contains(wanted, "ALL") && !slices.Contains(granted, "ALL") {
		wanted = slices.Clone(privilegesOf[data.Get("object_type").(string)])
	}
	slices.Sort(wanted)
	granted = slices.Clone(granted)
	slices.Sort(granted)
	return slices.Equal(slices.Compact(granted), wanted)
}

func roleNumber(ctx context.Context, db querier, role string) (uint32, error) {
	if role == public {
		return 0, nil
	}
	number, found, err := one[uint32](ctx, db, "SELECT oid FROM pg_roles WHERE rolname = $1", role)
	if err == nil && !found {
		err = fmt.Errorf("could not find role %s", role)
	}
	return number, err
}

// grantable tells whether the database, the role and the schema of a grant are all there; without them it is gone.
func (s *server) grantable(ctx context.Context, data *schema.ResourceData) (bool, error) {
	database, role, schemaName := data.Get("database").(string), data.Get("role").(string), data.Get("schema").(string)
	home, err := s.connect(ctx, "")
	if err != nil {
		return false, err
	}
	defer home.Close(ctx)
	if exists, err := databaseExists(ctx, home, database); err != nil || !exists {
		return false, err
	}
	if role != public {
		if exists, err := roleExists(ctx, home, role); err != nil || !exists {
			return false, err
		}
	}
	if schemaName == "" || data.Get("object_type").(string) == "database" {
		return true, nil
	}
	db, err := s.connect(ctx, database)
	if err != nil {
		return false, err
	}
	defer db.Close(ctx)
	return schemaExists(ctx, db, schemaName)
}
