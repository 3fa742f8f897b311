# Shared by the scripts: which local cluster is used, and where a second run waits for the first.
python=${PYTHON:-python3}
export HOME="${HOME:-$(echo ~)}" # where it is unset, what the user database says; programs need it
unset PYTHONDONTWRITEBYTECODE # as images and editors set it: TensorFlow alone takes 14 s instead of 5 to start each time
state=${XDG_STATE_HOME:-$HOME/.local/state}/emotion-serving

has_upstream() { # Pulumi, Docker and minikube, all working
  command -v pulumi >/dev/null && command -v minikube >/dev/null && docker info >/dev/null 2>&1
}

place() { # where .venv really lies
  (cd .venv && pwd -P)
}

in_venv() { # activate .venv, which works at the place that it was made for and nowhere else
  local made=
  [ -f .venv/locked ] && { read -r _ made <.venv/locked || true; }
  if [ -n "$made" ] && [ "$made" = "$(place)" ]; then
    . .venv/bin/activate
    return
  fi
  made=${made:+that of $made}
  echo ".venv: expected the environment of this checkout, got ${made:-none}; run: make up" >&2
  exit 1
}

tied() { # tied COMMAND…: run it; should this script be killed, it ends too
  "$python" -m base "$@"
}

only_one() { # hold the machine-wide lock until this script ends
  mkdir -p "$state"
  exec 9>"$state/up.lock"
  command -v flock >/dev/null || return 0
  flock --nonblock 9 && return 0
  echo "another make up or make down is at work on this machine; waiting until it ends (Ctrl-C leaves it alone)"
  flock 9
}
