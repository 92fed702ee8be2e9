package postgresql

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// executor is a connection or a transaction that statements run on.
type executor interface {
	querier
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
}

// lockRole holds off other resources that change the same role or its members, until the transaction ends: PostgreSQL
// answers two at once with "tuple concurrently updated".
func lockRole(ctx context.Context, tx pgx.Tx, role string) error {
	for _, sql := range []string{
		"SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_roles WHERE rolname = $1",
		"SELECT pg_advisory_xact_lock(member::bigint) FROM pg_auth_members JOIN pg_roles ON roleid = pg_roles.oid WHERE rolname = $1",
	} {
		if _, err := tx.Exec(ctx, sql, role); err != nil {
			return fmt.Errorf("could not lock role %s: %w", role, err)
		}
	}
	return nil
}

func lockDatabase(ctx context.Context, tx pgx.Tx, database string) error {
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_database WHERE datname = $1", database)
	if err != nil {
		return fmt.Errorf("could not lock database %s: %w", database, err)
	}
	return nil
}

// isMember tells whether member may act as role. From PostgreSQL 16 on a membership can lack that (SET FALSE), which is
// what the creator of a role gets.
func isMember(ctx context.Context, db querier, role, member string) (bool, error) {
	_, found, err := one[int](ctx, db, `SELECT 1 FROM pg_auth_members m
		WHERE pg_get_userbyid(roleid) = $1 AND pg_get_userbyid(member) = $2
		AND COALESCE((to_jsonb(m) ->> 'set_option')::boolean, true)`, role, member)
	return found, err
}

// join makes member a member of role and tells whether it was not one before.
func join(ctx context.Context, db executor, role, member string) (bool, error) {
	if role == member {
		return false, nil
	}
	already, err := isMember(ctx, db, role, member)
	if err != nil || already {
		return false, err
	}
	if _, err := db.Exec(ctx, statement("GRANT %s TO %s", role, member)); err != nil {
		return false, fmt.Errorf("error granting role %s to %s: %w", role, member, err)
	}
	return true, nil
}

func leave(ctx context.Context, db executor, role, member string) (bool, error) {
	if role == member {
		return false, nil
	}
	already, err := isMember(ctx, db, role, member)
	if err != nil || !already {
		return false, err
	}
	if _, err := db.Exec(ctx, statement("REVOKE %s FROM %s", role, member)); err != nil {
		return false, fmt.Errorf("error revoking role %s from %s: %w", role, member, err)
	}
	return true, nil
}

// asMemberOf runs work while the provider's user is a member of the roles: only a member may change what a role owns,
// unless it is a superuser, and on RDS the admin is none.
func asMemberOf(ctx context.Context, tx pgx.Tx, roles []string, work func() error) error {
	user, superuser, err := currentUser(ctx, tx)
	if err != nil {
		return err
	}
	if superuser {
		return work()
	}
	var joined, left []string
	for _, role := range roles {
		if isSuperuser, _, err := one[bool](ctx, tx, "SELECT rolsuper FROM pg_roles WHERE rolname = $1", role); err != nil {
			return err
		} else if isSuperuser {
			continue // only a superuser can grant one; the server says what is not allowed without
		}
		// Two roles cannot be members of each other, so the opposite membership makes room meanwhile.
		if changed, err := leave(ctx, tx, user, role); err != nil {
			return err
		} else if changed {
			left = append(left, role)
		}
		if changed, err := join(ctx, tx, role, user); err != nil {
			return err
		} else if changed {
			joined = append(joined, role)
		}
	}
	if err := work(); err != nil {
		return err
	}
	for _, role := range joined {
		if _, err := leave(ctx, tx, role, user); err != nil {
			return err
		}
	}
	for _, role := range left {
		if exists, err := roleExists(ctx, tx, role); err != nil || !exists {
			return err
		}
		if _, err := join(ctx, tx, user, role); err != nil {
			return err
		}
	}
	return nil
}

func currentUser(ctx context.Context, db querier) (name string, superuser bool, err error) {
	name, _, err = one[string](ctx, db, "SELECT CURRENT_USER::text")
	if err != nil {
		return "", false, err
	}
	superuser, _, err = one[bool](ctx, db, "SELECT rolsuper FROM pg_roles WHERE rolname = $1", name)
	return name, superuser, err
}
