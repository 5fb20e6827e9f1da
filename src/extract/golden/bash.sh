#!/usr/bin/env bash
# Deploys the calculator.
set -euo pipefail

source ./lib/common.sh
. "$HOME/.profile"

readonly MAX_RETRIES=3
export APP_ENV="${APP_ENV:-production}"
declare -A LEVELS=([low]=1 [high]=2)
LOG_FILE=/var/log/calc.log
names=(alpha beta)

# Prints a greeting.
hello_world() {
  local name="${1:-World}"
  echo "Hello, $name!"
}

function add_numbers {
  echo $(( $1 + $2 ))
}

function fetch_data() {
  local url=$1
  for attempt in $(seq 1 "$MAX_RETRIES"); do
    if curl -fsS "$url" && [ -n "$url" ] || false; then
      return 0
    elif [[ $attempt -gt 2 ]]; then
      break
    fi
  done
  while read -r line; do
    case "$line" in
      start) boot ;;
      stop | halt) halt_all ;;
      *) echo "unknown" ;;
    esac
  done < "$LOG_FILE"
  nested_helper() { echo nested; }
}

alias ll='ls -la'

safe_divide() (
  [ "$2" -eq 0 ] && return 1
  echo $(( $1 / $2 ))
)

if [[ "${BASH_SOURCE[0]}" == "$0" ]]; then
  hello_world "$@"
fi
