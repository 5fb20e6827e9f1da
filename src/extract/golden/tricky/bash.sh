#!/usr/bin/env bash
set -euo pipefail
source ./lib.sh
NAME=value
export PATH_X="a:b" OTHER=1
readonly -a LIST=(a b c)
declare -A MAP=([a]=1 [b]=2)
declare -r ONE=1 TWO=2
typeset -i count=0
local_like=$(cmd "x" | other)
A=1 B=2
FOO=bar command arg
: "${DEFAULT:=x}"
plain() { echo; }
function keyword { echo; }
function both() { local inner=1; nested() { :; }; }
build::all() { :; }
with-dash() { :; }
with.dot() ( subshell )
function one_line() { echo "}"; }
spaced ( ) {
  echo
}
next_line()
{
  echo
}
if true; then conditional() { :; }; INSIDE=1; fi
alias ll='ls -l' la="ls -a"
alias -g G='| grep'
cat <<EOF
not_a_function() { :; }
EOF
arr[0]=1
x+=more
case $1 in start) start_it() { :; } ;; esac
test_body() if true; then :; fi
_private() { :; }
export -f plain
a() { :; }; b() { :; }
trap 'cleanup' EXIT
unset -f plain
eval "dynamic() { :; }"
