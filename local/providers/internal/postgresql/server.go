package postgresql

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// server is a configured provider. It keeps no connection: an open one would stand in the way of DROP DATABASE.
type server struct {
	host, database, username, password, mapped, sslMode, rootCert string
	port, connectTimeout                                          int
}

// user is the name that the server knows the provider by.
func (s *server) user() string {
	if s.mapped != "" {
		return s.mapped
	}
	return s.username
}

// connect opens a connection to a database; an empty name is the provider's own.
func (s *server) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	if database == "" {
		database = s.database
	}
	options := url.Values{"sslmode": {s.sslMode}, "connect_timeout": {strconv.Itoa(max(s.connectTimeout, 0))}}
	if s.rootCert != "" {
		options.Set("sslrootcert", s.rootCert)
	}
	address := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(s.username, s.password),
		Host:     net.JoinHostPort(s.host, strconv.Itoa(s.port)),
		Path:     database,
		RawQuery: options.Encode(),
	}
	config, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, fmt.Errorf("error connecting to PostgreSQL server %s: the configuration is not valid", s.host) // err quotes the password
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // DDL between queries makes prepared ones stale
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("error connecting to PostgreSQL server %s: %w", s.host, err)
	}
	return connection, nil
}

// session runs work on one connection to a database.
func (s *server) session(ctx context.Context, database string, work func(*pgx.Conn) error) error {
	connection, err := s.connect(ctx, database)
	if err != nil {
		return err
	}
	return errors.Join(work(connection), connection.Close(ctx))
}

// transaction runs work in one transaction on its own connection.
func (s *server) transaction(ctx context.Context, database string, work func(pgx.Tx) error) error {
	return s.session(ctx, database, func(connection *pgx.Conn) error {
		return pgx.BeginFunc(ctx, connection, work)
	})
}

// querier is a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error)
}

// one reads the first row's only column; found is false where there is no row.
func one[T any](ctx context.Context, db querier, sql string, arguments ...any) (value T, found bool, err error) {
	rows, err := db.Query(ctx, sql, arguments...)
	if err != nil {
		return value, false, err
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil || len(values) == 0 {
		return value, false, err
	}
	return values[0], true, nil
}

func all(ctx context.Context, db querier, sql string, arguments ...any) ([]string, error) {
	rows, err := db.Query(ctx, sql, arguments...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// statement fills the identifiers into a statement, each quoted: "GRANT %s TO %s".
func statement(format string, identifiers ...string) string {
	quoted := make([]any, len(identifiers))
	for i, identifier := range identifiers {
		quoted[i] = pgx.Identifier{identifier}.Sanitize()
	}
	return fmt.Sprintf(format, quoted...)
}

// literal quotes a string for a statement that takes no parameters.
func literal(value string) string {
	quoted := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	if strings.Contains(value, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

func databaseExists(ctx context.Context, db querier, name string) (bool, error) {
	_, found, err := one[int](ctx, db, "SELECT 1 FROM pg_database WHERE datname = $1", name)
	return found, err
}

func roleExists(ctx context.Context, db querier, name string) (bool, error) {
	_, found, err := one[int](ctx, db, "SELECT 1 FROM pg_roles WHERE rolname = $1", name)
	return found, err
}

func schemaExists(ctx context.Context, db querier, name string) (bool, error) {
	_, found, err := one[int](ctx, db, "SELECT 1 FROM pg_namespace WHERE nspname = $1", name)
	return found, err
}
