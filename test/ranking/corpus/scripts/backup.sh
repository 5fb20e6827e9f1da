#!/usr/bin/env bash
# Copies the database to the backup disk every night; --prune removes old copies.
set -euo pipefail

target=/mnt/backup/lantern
keep_days=30

copy_database() {
  sqlite3 /var/lib/lantern/lantern.db ".backup $target/$(date +%F).db"
}

prune() {
  find "$target" -name '*.db' -mtime "+$keep_days" -delete
}

case "${1:-}" in
  --prune) prune ;;
  *) copy_database ;;
esac
