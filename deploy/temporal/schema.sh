#!/bin/sh
# Creates Temporal's databases and updates their tables, with Temporal's own tool. Safe to repeat.
set -eu
SQL_PASSWORD="$(cat /run/secrets/postgresql_password)"
export SQL_PASSWORD

prepare() {
  temporal-sql-tool --db "$1" create-database
  # Both leave what exists: a version above 0.0 as it is.
  temporal-sql-tool --db "$1" setup-schema -v 0.0
  temporal-sql-tool --db "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
