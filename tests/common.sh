# What ./demo and ./check share: packages and builds. Sourced by bash with `top` set to the source folder.

# Names of the packages for these purposes (build, test) in docs/dependencies.md.
packages_for() {
  local purposes
  purposes=$(printf '%s|' "$@")
  sed -nE "s/^\| \`([^\`]+)\` \| (${purposes%|}) \|.*/\1/p" "$top/docs/dependencies.md"
}

# Installs what is missing as root; else says in one line what to run, and fails.
need_packages() {
  local wanted missing=() p
  wanted=$(packages_for "$@")
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: make sure that these packages or their like are installed:" $wanted
    return 0
  fi
  for p in $wanted; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "Packages are missing. Please run this as root, then start again:"
    echo "  apt-get install -y ${missing[*]}"
    return 1
  fi
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null; }
}

# Runs a command with its output in a log; on failure the end of the log is shown.
logged() {
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    echo "failed: $* (whole log: $log)"
    grep -nE 'error|warning: |Error [0-9]|undefined' "$log" | tail -n 12
    tail -n 12 "$log"
    return 1
  fi
}

# build_in FOLDER [CONFIGURE OPTION…]: configures once and builds. The log is FOLDER/build.log.
build_in() {
  local folder=$1
  shift
  mkdir -p "$folder"
  if [ ! -x "$top/configure" ] || [ -n "$(find "$top" -name '*.mk' -newer "$top/configure" -not -path '*/build/*' \
      -print -quit)" ] || [ "$top/configure.ac" -nt "$top/configure" ]; then
    logged "$folder/autogen.log" "$top/autogen.sh" || return 1
  fi
  if [ ! -f "$folder/Makefile" ]; then
    (cd "$folder" && logged "$folder/configure.log" "$top/configure" "$@") || return 1
  fi
  logged "$folder/build.log" make -C "$folder" -j"$(nproc)"
}
