package postgresql

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

func TestLiteral(t *testing.T) {
	for given, wanted := range map[string]string{`plain`: `'plain'`, `it's`: `'it''s'`, `back\slash'`: `E'back\\slash'''`} {
		if got := literal(given); got != wanted {
			t.Errorf("%s: %s, not %s", given, got, wanted)
		}
	}
}

func TestStatementQuotesIdentifiers(t *testing.T) {
	if got, wanted := statement("GRANT %s TO %s", "a", `b"; DROP ROLE c`), `GRANT "a" TO "b""; DROP ROLE c"`; got != wanted {
		t.Errorf("%s, not %s", got, wanted)
	}
}

func TestGrantTargets(t *testing.T) {
	for _, test := range []struct {
		values     map[string]any
		target, id string
	}{
		{map[string]any{"object_type": "database"}, `DATABASE "db"`, "r_db_database"},
		{map[string]any{"object_type": "schema", "schema": "s"}, `SCHEMA "s"`, "r_db_s_schema"},
		{map[string]any{"object_type": "table", "schema": "s"}, `ALL TABLES IN SCHEMA "s"`, "r_db_s_table"},
		{map[string]any{"object_type": "table", "schema": "s", "objects": []any{"t"}}, `TABLE "s"."t"`, "r_db_s_table_t"},
		{map[string]any{"object_type": "function", "schema": "s", "objects": []any{"f(text, int)"}}, `FUNCTION "s"."f"(text, int)`, "r_db_s_function_f(text, int)"},
	} {
		test.values["role"], test.values["database"] = "r", "db"
		data := schema.TestResourceDataRaw(t, grantResource().Schema, test.values)
		if got := grantTarget(data); got != test.target {
			t.Errorf("%s, not %s", got, test.target)
		}
		if got := grantID(data); got != test.id {
			t.Errorf("%s, not %s", got, test.id)
		}
	}
}

func TestGrantsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"no schema":        {"object_type": "table", "privileges": []any{"SELECT"}},
		"database objects": {"object_type": "database", "objects": []any{"t"}, "privileges": []any{"CONNECT"}},
		"columns":          {"object_type": "table", "schema": "s", "columns": []any{"c"}, "privileges": []any{"SELECT"}},
		"a wrong one":      {"object_type": "database", "privileges": []any{"SELECT"}},
	} {
		if err := validateGrant(schema.TestResourceDataRaw(t, grantResource().Schema, values)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestSamePrivileges(t *testing.T) {
	for _, test := range []struct {
		wanted  []any
		granted []string
		same    bool
	}{
		{nil, nil, true},
		{nil, []string{"CONNECT"}, false},
		{[]any{"SELECT", "INSERT"}, []string{"INSERT", "SELECT", "SELECT"}, true},
		{[]any{"ALL"}, privilegesOf["table"], true},
		{[]any{"ALL"}, []string{"SELECT"}, false},
	} {
		data := schema.TestResourceDataRaw(t, grantResource().Schema, map[string]any{"object_type": "table", "privileges": test.wanted})
		if samePrivileges(test.granted, data) != test.same {
			t.Errorf("%v and %v", test.wanted, test.granted)
		}
	}
}

func TestDefaultPrivilegesStatement(t *testing.T) {
	data := schema.TestResourceDataRaw(t, defaultPrivilegesResource().Schema, map[string]any{
		"role": "r", "database": "db", "owner": "o", "schema": "s", "object_type": "table", "privileges": []any{"SELECT"},
	})
	wanted := `ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" GRANT SELECT ON TABLES TO "r"`
	if got := defaultPrivileges(data, "GRANT SELECT", "TO"); got != wanted {
		t.Errorf("%s, not %s", got, wanted)
	}
}

func TestRoleSettingsAreReadFromItsConfiguration(t *testing.T) {
	values := map[string]any{}
	err := readSettings([]any{`search_path="a b", public`, "statement_timeout=5000", "role=other", "work_mem=1MB"}, values)
	if err != nil {
		t.Fatal(err)
	}
	if path := values["search_path"].([]string); !slices.Equal(path, []string{"a b", "public"}) {
		t.Errorf("search_path: %v", path)
	}
	for attribute, wanted := range map[string]any{
		"statement_timeout": 5000, "assume_role": "other", "idle_in_transaction_session_timeout": nil,
	} {
		if values[attribute] != wanted {
			t.Errorf("%s: %v, not %v", attribute, values[attribute], wanted)
		}
	}
	if err := readSettings([]any{"statement_timeout=5s"}, values); err == nil {
		t.Error("a timeout in seconds was taken for milliseconds")
	}
}

func TestRoleOptions(t *testing.T) {
	for _, test := range []struct {
		values map[string]any
		wanted []string
	}{
		{map[string]any{"name": "r"}, []string{"NOCREATEDB", "NOCREATEROLE", "INHERIT", "NOLOGIN"}},
		{map[string]any{"name": "r", "create_role": true, "create_database": true}, []string{"CREATEDB", "CREATEROLE", "INHERIT", "NOLOGIN"}},
		{map[string]any{"name": "r", "login": true, "inherit": false}, []string{"NOCREATEDB", "NOCREATEROLE", "NOINHERIT", "LOGIN"}},
	} {
		wanted := append([]string{"NOSUPERUSER"}, test.wanted...)
		wanted = append(wanted, "NOREPLICATION", "NOBYPASSRLS", "CONNECTION LIMIT -1", "VALID UNTIL 'infinity'")
		if got := roleOptions(schema.TestResourceDataRaw(t, roleResource().Schema, test.values)); !slices.Equal(got, wanted) {
			t.Errorf("%v, not %v", got, wanted)
		}
	}
}

func TestDatabaseOptions(t *testing.T) {
	for wanted, values := range map[string]map[string]any{
		` TEMPLATE "template0" ENCODING 'UTF8' ALLOW_CONNECTIONS true CONNECTION LIMIT -1 IS_TEMPLATE false`: {"name": "db"},
		` TEMPLATE "other" ENCODING 'UTF8' ALLOW_CONNECTIONS true CONNECTION LIMIT -1 IS_TEMPLATE true`:      {"name": "db", "template": "other", "is_template": true},
		` TEMPLATE DEFAULT ENCODING DEFAULT ALLOW_CONNECTIONS true CONNECTION LIMIT -1 IS_TEMPLATE false`:    {"name": "db", "template": "default", "encoding": "DEFAULT"},
	} {
		if got := databaseOptions(schema.TestResourceDataRaw(t, databaseResource().Schema, values)); got != wanted {
			t.Errorf("%s, not %s", got, wanted)
		}
	}
}

func TestTheServersUserIsWhoTheLoginIsMappedTo(t *testing.T) {
	for wanted, s := range map[string]*server{
		"mosaic_deploy_1": {username: "mosaic_deploy_1"},
		"mosaic_deploy":   {username: "mosaic_deploy_1", mapped: "mosaic_deploy"},
	} {
		if got := s.user(); got != wanted {
			t.Errorf("%s, not %s", got, wanted)
		}
	}
}

func TestLocated(t *testing.T) {
	s := &server{database: "postgres"}
	for id, wanted := range map[string][2]string{
		"core_staging.pg_trgm": {"core_staging", "pg_trgm"},
		"pg_trgm":              {},
		"core.staging.pg_trgm": {},
	} {
		data := extensionResource().TestResourceData()
		data.SetId(id)
		database, name, err := s.located(data)
		if (err != nil) != (wanted == [2]string{}) || [2]string{database, name} != wanted {
			t.Errorf("an import of %s: %q %q %v", id, database, name, err)
		}
	}
}

func TestLocatedByAttributesOnceTheyAreKnown(t *testing.T) {
	s := &server{database: "postgres"}
	for wanted, values := range map[[2]string]map[string]any{
		{"core.staging", "pg_trgm"}: {"name": "pg_trgm", "database": "core.staging"},
		{"postgres", "pg_trgm"}:     {"name": "pg_trgm"},
	} {
		data := schema.TestResourceDataRaw(t, extensionResource().Schema, values)
		data.SetId(wanted[0] + "." + wanted[1])
		if database, name, err := s.located(data); err != nil || [2]string{database, name} != wanted {
			t.Errorf("%v: %s %s %v", wanted, database, name, err)
		}
	}
}
