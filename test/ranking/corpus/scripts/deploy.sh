#!/usr/bin/env bash
# Builds all parts and restarts them one after the other.
set -euo pipefail

parts=(store billing worker src mailer)

restart_part() {
  systemctl restart "lantern-$1"
  for _ in {1..20}; do
    systemctl is-active --quiet "lantern-$1" && return 0
    sleep 1
  done
  echo "$1 did not come up" >&2
  return 1
}

for part in "${parts[@]}"; do
  make -C "$part" release
  [[ "${1:-}" == --local ]] || restart_part "$part"
done
