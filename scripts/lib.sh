# Shared by the scripts: which local cluster is used, and where a second run waits for the first.
python=${PYTHON:-python3}

has_upstream() { # Pulumi, Docker and minikube, all working
  command -v pulumi >/dev/null && command -v minikube >/dev/null && docker info >/dev/null 2>&1
}

only_one() { # hold the machine-wide lock until this script ends
  local state=${XDG_STATE_HOME:-$HOME/.local/state}/emotion-serving
  mkdir -p "$state"
  exec 9>"$state/up.lock"
  command -v flock >/dev/null || return 0
  flock --nonblock 9 && return 0
  echo "another make up or make down is at work on this machine; waiting until it ends (Ctrl-C leaves it alone)"
  flock 9
}
