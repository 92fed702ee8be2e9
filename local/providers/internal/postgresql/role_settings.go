package postgresql

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/jackc/pgx/v5"
)

// roleSettings are the attributes that PostgreSQL keeps in a role's configuration, with the name there.
var roleSettings = []struct{ attribute, setting string }{
	{"search_path", "search_path"},
	{"statement_timeout", "statement_timeout"},
	{"idle_in_transaction_session_timeout", "idle_in_transaction_session_timeout"},
	{"assume_role", "role"},
}

func alterSettings(ctx context.Context, tx pgx.Tx, name string, data *schema.ResourceData) error {
	for _, known := range roleSettings {
		attribute, setting := known.attribute, known.setting
		if !data.HasChange(attribute) {
			continue
		}
		sql := statement("ALTER ROLE %s ", name) + "RESET " + setting
		if value, given := data.GetOk(attribute); given {
			text := literal(fmt.Sprint(value))
			if attribute == "search_path" {
				quoted := texts(value)
				for i, part := range quoted {
					quoted[i] = pgx.Identifier{part}.Sanitize()
				}
				text = strings.Join(quoted, ", ")
			}
			sql = statement("ALTER ROLE %s ", name) + "SET " + setting + " TO " + text
		}
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("could not set %s of role %s: %w", attribute, name, err)
		}
	}
	return nil
}

// readSettings finds the attributes in a role's configuration, a list of "name=value".
func readSettings(configuration any, values map[string]any) error {
	present := map[string]string{}
	entries, _ := configuration.([]any)
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry.(string), "=")
		present[name] = value
	}
	for _, known := range roleSettings {
		attribute := known.attribute
		value, found := present[known.setting]
		switch {
		case !found:
			values[attribute] = nil
		case strings.HasSuffix(attribute, "_timeout"):
			milliseconds, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("%s is %q, and the provider knows only milliseconds", attribute, value)
			}
			values[attribute] = milliseconds
		case attribute == "search_path":
			parts := strings.Split(value, ", ")
			for i := range parts {
				parts[i] = strings.Trim(parts[i], `"`)
			}
			values[attribute] = parts
		default:
			values[attribute] = value
		}
	}
	return nil
}
